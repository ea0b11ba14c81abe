using System.Text.Json.Nodes;

namespace ImageUpdater.IntegrationTests.Sandbox;

internal static class ImageIds
{
    /// <summary>The imageID of a pod's first container.</summary>
    public static string Of(JsonObject pod) => (string?)pod["status"]!["containerStatuses"]?[0]!["imageID"] ?? "";
}
