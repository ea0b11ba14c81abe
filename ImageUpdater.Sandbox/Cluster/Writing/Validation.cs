using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Writing;

/// <summary>The API server's validation of workloads and pods, as far as a patch by ImageUpdater could fail it.</summary>
internal static class Validation
{
    public static IReadOnlyList<StatusCause> Check(ResourceKind kind, JsonObject node)
    {
        var causes = new List<StatusCause>();
        if (node.Text("metadata", "name") is not { Length: > 0 }) causes.Add(StatusCause.Required("metadata.name"));
        if (kind == ResourceKind.Pods) Pod(node.Object("spec"), "spec", causes);
        if (!kind.IsWorkload) return causes;
        if (node.Object("spec", "selector") is null) causes.Add(StatusCause.Required("spec.selector"));
        Pod(node.Object("spec", "template", "spec"), "spec.template.spec", causes);
        return causes;
    }

    private static void Pod(JsonObject? spec, string path, List<StatusCause> causes)
    {
        if (!spec.Items("containers").Any()) causes.Add(StatusCause.Required($"{path}.containers"));
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            foreach (var (index, container) in spec.Items(list).Index())
            {
                if (container.Text("name") is not { Length: > 0 }) causes.Add(StatusCause.Required($"{path}.{list}[{index}].name"));
                if (container.Text("image") is not { Length: > 0 }) causes.Add(StatusCause.Required($"{path}.{list}[{index}].image"));
            }
        }
    }
}
