using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>SelfSubjectAccessReviews: answered by the denied verbs, and not stored. Only resources can be asked about.</summary>
internal static class AccessReviews
{
    public const string Path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    public const string Plural = "selfsubjectaccessreviews";

    public const string Group = "authorization.k8s.io";

    public static Outcome<JsonObject> Answer(Access access, string body)
    {
        if (access.Refuses("create", Plural, Group, ns: null, name: null) is { } refusal) return refusal;
        var parsed = Responses.Parse(body);
        if (parsed.Value is not { } review) return parsed.Failure!;
        if (review["spec"]?["resourceAttributes"] is not JsonObject asked) return ApiStatus.BadRequest("spec.resourceAttributes is required");

        var answer = (JsonObject)review.DeepClone();
        answer["status"] = new JsonObject
        {
            ["allowed"] = access.Allows(asked.Text("verb") ?? "", asked.Text("resource") ?? "", asked.Text("namespace")),
        };
        return answer;
    }
}
