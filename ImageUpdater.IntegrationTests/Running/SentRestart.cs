using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>A restart patch as the cluster saw it.</summary>
/// <param name="Workload">The path's end: <c>deployments/web</c>.</param>
/// <param name="Status">What the patch was answered, or would have been; 0 when it was not handled.</param>
/// <param name="LastDigest">The annotation that it writes, by container.</param>
internal sealed record SentRestart(string Workload, int Status, string Body, IReadOnlyDictionary<string, string> LastDigest)
{
    /// <summary>All that the cluster was sent so far.</summary>
    public static IReadOnlyList<SentRestart> All(World world) =>
    [
        .. world.Sandbox!.Requests.Matching("PATCH", "/apis/apps/")
            .Where(request => request.UserAgent?.StartsWith("image-updater/", StringComparison.Ordinal) == true)
            .Where(request => request.Body?.Contains("\"kubectl.kubernetes.io/restartedAt\"", StringComparison.Ordinal) == true)
            .Select(request => new SentRestart(string.Join('/', request.Path.Split('/')[^2..]), request.Status, request.Body!, Map(request.Body!))),
    ];

    /// <summary>Those that took effect, answered or not.</summary>
    public static IReadOnlyList<SentRestart> Effective(World world) => [.. All(world).Where(sent => sent.Status == 200)];

    public override string ToString() => $"{Status} {Workload}: {Body}";

    private static Dictionary<string, string> Map(string body)
    {
        var annotation = JsonNode.Parse(body)!["metadata"]!["annotations"]![Manifests.AnnotationPrefix + "last-digest"]!.GetValue<string>();
        return annotation.Split(',').Select(entry => entry.Split(':', 2)).ToDictionary(entry => entry[0], entry => entry[1], StringComparer.Ordinal);
    }
}
