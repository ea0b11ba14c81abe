using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>An old annotation that the API server still keeps on DaemonSets: how often their template changed.</summary>
internal static class TemplateGeneration
{
    private const string Annotation = "deprecated.daemonset.template.generation";

    public static void Keep(JsonObject? before, JsonObject next)
    {
        int old = int.TryParse(before.Text("metadata", "annotations", Annotation), out int number) ? number : 0;
        bool same = before is not null && JsonNode.DeepEquals(before.At("spec", "template"), next.At("spec", "template"));
        next.Ensure("metadata").Ensure("annotations")[Annotation] = (same ? old : old + 1).ToString();
    }
}
