using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>What a registry gave a node for a reference.</summary>
/// <param name="Digest">Of what the reference serves: an index or a manifest.</param>
/// <param name="PlatformDigest">Of the manifest for the node's platform: the image itself.</param>
internal sealed record PulledImage(string Digest, string PlatformDigest);

/// <summary>
/// The images that one node has. As containerd it knows an image by its content, not by the index it came through:
/// an image pulled again, through another index or from another repository, goes on reporting the name and the repo
/// digest it was first pulled by. (A real node takes the first in lexical order; the first in time is the same every run.)
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

    /// <summary>As container statuses show it: image and imageID.</summary>
    public (string Name, string Id) Shown(ImageName image, PulledImage pulled)
    {
        var (name, id) = first[pulled.PlatformDigest];
        // Another tag of the repository is shown as it is asked for.
        return (ImageName.Parse(name).FullRepository == image.FullRepository ? image.Normalized : name, id);
    }
}
