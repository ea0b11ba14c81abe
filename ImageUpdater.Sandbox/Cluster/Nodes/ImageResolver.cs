using System.Net.Http.Headers;
using System.Text;
using ImageUpdater.Sandbox.Registry;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>
/// Finds what an image reference serves now: directly in a sandbox registry of this process, over plain http in another
/// registry on loopback. Any other host is out of reach, and gets a digest made from the reference.
/// </summary>
internal sealed class ImageResolver : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    public async Task<PulledImage?> ResolveAsync(ImageName image, string os, string architecture, CancellationToken cancel)
    {
        if (SandboxRegistry.FindByHost(image.Host) is { } registry)
        {
            if (registry.Store.Find(image.Repository, image.Reference) is not { } manifest) return null;
            return Choose(manifest, os, architecture);
        }

        if (image.Host.StartsWith("127.0.0.1", StringComparison.Ordinal) || image.Host.StartsWith("localhost", StringComparison.Ordinal))
            return await AskAsync(image, os, architecture, cancel);

        string digest = image.Digest ?? Digests.Of(Encoding.UTF8.GetBytes(image.Normalized));
        return new PulledImage(digest, Digests.Of(Encoding.UTF8.GetBytes($"{digest} {os}/{architecture}")));
    }

    public void Dispose() => http.Dispose();

    private async Task<PulledImage?> AskAsync(ImageName image, string os, string architecture, CancellationToken cancel)
    {
        var url = new Uri($"http://{image.Host}/v2/{image.Repository}/manifests/{image.Reference}");
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("containerd", "2.1.4-sandbox"));
            foreach (string type in Accepted) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
            using HttpResponseMessage response = await http.SendAsync(request, cancel);
            if (!response.IsSuccessStatusCode) return null;
            byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancel);
            return Choose(new Manifest(Digests.Of(bytes), response.Content.Headers.ContentType?.MediaType ?? "", bytes), os, architecture);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    private static PulledImage? Choose(Manifest manifest, string os, string architecture)
    {
        string? platform = manifest.IsIndex ? manifest.ChildFor(os, architecture) : manifest.Digest;
        return platform is null ? null : new PulledImage(manifest.Digest, platform);
    }

    private static readonly string[] Accepted =
    [
        MediaTypes.OciIndex, MediaTypes.DockerList, MediaTypes.OciManifest, "application/vnd.docker.distribution.manifest.v2+json",
    ];
}
