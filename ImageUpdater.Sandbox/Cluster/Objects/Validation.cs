using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImageUpdater.Sandbox.Cluster.Api;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>The part of the API server's validation that a client of workloads can meet.</summary>
internal static partial class Validation
{
    private const string NameRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'example.com', regex used for validation is "
        + @"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    public static List<FieldProblem> Check(ResourceKind kind, JsonObject node, JsonObject? current)
    {
        var problems = new List<FieldProblem>();
        string name = node.Text("metadata", "name") ?? "";
        if (name.Length == 0) problems.Add(FieldProblem.Required("metadata.name", "name or generateName is required"));
        else if (current is null && kind != ResourceKinds.Events && (name.Length > 253 || !Name().IsMatch(name)))
            problems.Add(FieldProblem.Invalid("metadata.name", name, NameRule));
        Strings(node.Object("metadata"), "metadata", problems);
        Strings(node.Object("spec", "template", "metadata"), "spec.template.metadata", problems);
        if (kind.IsWorkload) Workload(kind, node, current, problems);
        else if (kind == ResourceKinds.Pods) PodValidation.Check(node.Object("spec"), "spec", problems);
        else if (kind == ResourceKinds.Events && current is null) EventValidation.Check(node, problems);
        return problems;
    }

    /// <summary>The real server refuses other values when it decodes; the status is the same, the message is not.</summary>
    private static void Strings(JsonObject? metadata, string path, List<FieldProblem> problems)
    {
        foreach (string map in (ReadOnlySpan<string>)["annotations", "labels"])
        {
            foreach ((string key, JsonNode? value) in metadata.Object(map) ?? [])
            {
                if (value.Text() is null) problems.Add(FieldProblem.InvalidObject($"{path}.{map}[{key}]", value, "must be a string"));
            }
        }
    }

    private static void Workload(ResourceKind kind, JsonObject node, JsonObject? current, List<FieldProblem> problems)
    {
        JsonNode? selector = node.At("spec", "selector");
        if (selector.Object("matchLabels") is null && selector.At("matchExpressions") is null)
        {
            problems.Add(FieldProblem.Required("spec.selector"));
            problems.Add(NoMatch(node));
        }
        else if (current is not null && !JsonNode.DeepEquals(selector, current.At("spec", "selector")))
        {
            if (kind == ResourceKinds.StatefulSets)
                problems.Add(FieldProblem.Forbidden("spec", StatefulSetRule));
            else
                problems.Add(FieldProblem.InvalidObject("spec.selector", selector, "field is immutable"));
        }
        else if (!LabelSelector.OfWorkload(selector).Matches(node.At("spec", "template").Map("metadata", "labels")))
        {
            problems.Add(NoMatch(node));
        }

        if (node.At("spec", "replicas") is { } count && count.Number() is null)
            problems.Add(FieldProblem.InvalidObject("spec.replicas", count, "must be an integer"));
        if (node.Number("spec", "replicas") is < 0 and var replicas)
            problems.Add(FieldProblem.InvalidObject("spec.replicas", replicas, "must be greater than or equal to 0"));
        PodValidation.Check(node.Object("spec", "template", "spec"), "spec.template.spec", problems);
    }

    private static FieldProblem NoMatch(JsonObject node) => FieldProblem.InvalidObject(
        "spec.template.metadata.labels",
        node.At("spec", "template", "metadata", "labels") ?? new JsonObject(),
        "`selector` does not match template `labels`");

    private const string StatefulSetRule =
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
        + "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
