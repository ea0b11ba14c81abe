using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>The result of a pull.</summary>
/// <param name="Digest">The digest that the reference resolves to: of an index or a manifest.</param>
/// <param name="PlatformDigest">The digest of the manifest for the node's platform: the image itself.</param>
internal sealed record PulledImage(string Digest, string PlatformDigest);

/// <summary>
/// The images of one node. Like containerd, it identifies an image by its content: an image that is pulled again, through another index or
/// from another repository, is still reported with the name and repo digest of the first pull. (A real node uses the first in lexical
/// order; the first in time is deterministic here.)
/// </summary>
internal sealed class NodeImages
{
    private readonly ConcurrentDictionary<string, PulledImage> byReference = new();
    private readonly ConcurrentDictionary<string, (string Name, string Id)> first = new();

    public PulledImage? Find(ImageName image) => byReference.GetValueOrDefault(image.Normalized);

    public void Add(ImageName image, PulledImage pulled)
    {
        byReference[image.Normalized] = pulled;
        first.TryAdd(pulled.PlatformDigest, (image.Normalized, $"{image.FullRepository}@{pulled.Digest}"));
    }

    /// <summary>The image and imageID of container statuses.</summary>
    public (string Name, string Id) Shown(ImageName image, PulledImage pulled)
    {
        var (name, id) = first[pulled.PlatformDigest];
        // For another tag of the same repository, the requested name is reported.
        return (ImageName.Parse(name).FullRepository == image.FullRepository ? image.Normalized : name, id);
    }
}
