using System.Net;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>A result, or the API server's error.</summary>
internal readonly record struct Outcome<T>(T? Value, ApiStatus? Failure)
    where T : class
{
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(ApiStatus failure) => new(null, failure);
}

/// <summary>One entry of <c>details.causes</c>.</summary>
internal sealed record StatusCause(string Reason, string Field, string Message)
{
    public JsonObject ToJson() => new() { ["reason"] = Reason, ["message"] = Message, ["field"] = Field };

    public static StatusCause Required(string field) => new("FieldValueRequired", field, "Required value");

    public override string ToString() => $"{Field}: {Message}";
}

/// <summary>A Status object for a failure, with the messages of the real API server.</summary>
internal sealed record ApiStatus(int Code, string Reason, string Message)
{
    public static ApiStatus UnknownPath { get; } = new(404, "NotFound", "the server could not find the requested resource") { Details = [] };

    public static ApiStatus MethodNotAllowed { get; } =
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = [] };

    public JsonObject? Details { get; init; }

    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    public static ApiStatus BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiStatus NotFound(ObjectKey key) =>
        new(404, "NotFound", $"{key.Kind.QualifiedPlural} \"{key.Name}\" not found") { Details = Naming(key, key.Kind.Plural) };

    public static ApiStatus AlreadyExists(ObjectKey key) =>
        new(409, "AlreadyExists", $"{key.Kind.QualifiedPlural} \"{key.Name}\" already exists") { Details = Naming(key, key.Kind.Plural) };

    public static ApiStatus Conflict(
        ObjectKey key, string why = "the object has been modified; please apply your changes to the latest version and try again") =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {key.Kind.QualifiedPlural} \"{key.Name}\": {why}")
        {
            Details = Naming(key, key.Kind.Plural),
        };

    public static ApiStatus Invalid(ObjectKey key, params IReadOnlyList<StatusCause> causes) =>
        Invalid($"{key.Kind.QualifiedKind} \"{key.Name}\"", Naming(key, key.Kind.Kind), causes);

    public static ApiStatus InvalidOptions(StatusCause cause) =>
        Invalid("PatchOptions.meta.k8s.io \"\"", new JsonObject { ["group"] = "meta.k8s.io", ["kind"] = "PatchOptions" }, [cause]);

    public static ApiStatus Expired(string message) => new(410, "Expired", message);

    public static ApiStatus UnsupportedMediaType(string accepted) => new(
        415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    /// <summary>The response of a fault.</summary>
    public static ApiStatus OfCode(int code) => new(code, ((HttpStatusCode)code).ToString(), "made by the sandbox");

    /// <summary>The <c>details</c> that identify the object.</summary>
    public static JsonObject Naming(ObjectKey key, string kind)
    {
        var details = new JsonObject { ["name"] = key.Name };
        if (key.Kind.Group.Length > 0) details["group"] = key.Kind.Group;
        details["kind"] = kind;
        return details;
    }

    public JsonObject ToJson()
    {
        var node = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        var details = Details?.Copy();
        if (Causes.Count > 0) (details ??= [])["causes"] = new JsonArray([.. Causes.Select(cause => cause.ToJson())]);
        if (details is not null) node["details"] = details;
        node["code"] = Code;
        return node;
    }

    private static ApiStatus Invalid(string what, JsonObject details, IReadOnlyList<StatusCause> causes)
    {
        var text = causes.Count == 1 ? causes[0].ToString() : $"[{string.Join(", ", causes)}]";
        return new ApiStatus(422, "Invalid", $"{what} is invalid: {text}") { Details = details, Causes = causes };
    }
}
