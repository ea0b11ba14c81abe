using System.Text;
using ImageUpdater.Sandbox.Registry;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>
/// Resolves an image reference: directly in a sandbox registry of this process, or over HTTP in another registry on loopback. Other hosts
/// are not contacted: their images get a digest computed from the reference.
/// </summary>
internal sealed class ImageResolver : IDisposable
{
    private const string Accepted =
        $"{MediaTypes.OciIndex}, {MediaTypes.DockerList}, {MediaTypes.OciManifest}, application/vnd.docker.distribution.manifest.v2+json";

    private readonly HttpClient http = new()
    {
        Timeout = TimeSpan.FromSeconds(10),
        DefaultRequestHeaders = { { "Accept", Accepted }, { "User-Agent", "containerd/2.1.4-sandbox" } },
    };

    /// <returns>Null if there is no such image, or none for the platform.</returns>
    public async Task<PulledImage?> ResolveAsync(ImageName image, string os, string architecture, CancellationToken cancellationToken)
    {
        Manifest? manifest;
        if (SandboxRegistry.FindByHost(image.Host) is { } registry)
        {
            manifest = registry.Store.Find(image.Repository, image.Reference);
        }
        else if (image.Host.StartsWith("127.0.0.1", StringComparison.Ordinal) || image.Host.StartsWith("localhost", StringComparison.Ordinal))
        {
            manifest = await AskAsync(image, cancellationToken);
        }
        else
        {
            var digest = image.Digest ?? Digests.Of(Encoding.UTF8.GetBytes(image.Normalized));
            return new PulledImage(digest, Digests.Of(Encoding.UTF8.GetBytes($"{digest} {os}/{architecture}")));
        }

        var platform = manifest is { IsIndex: true } ? manifest.ChildFor(os, architecture) : manifest?.Digest;
        return platform is null ? null : new PulledImage(manifest!.Digest, platform);
    }

    public void Dispose() => http.Dispose();

    private async Task<Manifest?> AskAsync(ImageName image, CancellationToken cancellationToken)
    {
        try
        {
            var url = new Uri($"http://{image.Host}/v2/{image.Repository}/manifests/{image.Reference}");
            using var response = await http.GetAsync(url, cancellationToken);
            if (!response.IsSuccessStatusCode) return null;
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return new Manifest(Digests.Of(bytes), response.Content.Headers.ContentType?.MediaType ?? "", bytes);
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
