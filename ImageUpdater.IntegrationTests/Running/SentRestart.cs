using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>A restart patch that the cluster received.</summary>
/// <param name="Workload">The end of the path: <c>deployments/web</c>.</param>
/// <param name="Status">The status code of the response, even if it was lost; 0 if the request was not handled.</param>
/// <param name="LastDigest">The annotation's new value, by container.</param>
internal sealed record SentRestart(string Workload, int Status, string Body, IReadOnlyDictionary<string, string> LastDigest)
{
    /// <summary>All restart patches so far.</summary>
    public static IReadOnlyList<SentRestart> All(World world) =>
    [
        .. world.Sandbox!.Requests.Matching("PATCH", "/apis/apps/")
            .Where(request => request.UserAgent?.StartsWith("image-updater/", StringComparison.Ordinal) == true)
            .Where(request => request.Body?.Contains("\"kubectl.kubernetes.io/restartedAt\"", StringComparison.Ordinal) == true)
            .Select(request => new SentRestart(string.Join('/', request.Path.Split('/')[^2..]), request.Status, request.Body!, Map(request.Body!))),
    ];

    /// <summary>Patches that took effect, even if the response was lost.</summary>
    public static IReadOnlyList<SentRestart> Effective(World world) => [.. All(world).Where(sent => sent.Status == 200)];

    public override string ToString() => $"{Status} {Workload}: {Body}";

    private static Dictionary<string, string> Map(string body)
    {
        var annotation = JsonNode.Parse(body)!["metadata"]!["annotations"]![Manifests.AnnotationPrefix + "last-digest"]!.GetValue<string>();
        return annotation.Split(',').Select(entry => entry.Split(':', 2)).ToDictionary(entry => entry[0], entry => entry[1], StringComparer.Ordinal);
    }
}
