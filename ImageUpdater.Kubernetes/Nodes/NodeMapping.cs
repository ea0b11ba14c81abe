using ImageUpdater.Core.Images;

namespace ImageUpdater.Kubernetes.Nodes;

/// <summary>The nodes of one list or watch. There are many of them and few platforms: each is kept once.</summary>
internal sealed class NodeMapping
{
    private readonly Dictionary<(string Os, string Architecture), Platform> platforms = [];

    /// <returns>Null when the object lacks what every stored object has.</returns>
    public NodeSnapshot? ToSnapshot(NodeObject? node) =>
        node?.Metadata is { Uid: { } uid } meta ? new NodeSnapshot(uid, PlatformOf(meta.Labels)) : null;

    private Platform? PlatformOf(NodeLabels? labels)
    {
        if (labels is not { Os: { Length: > 0 } os, Architecture: { Length: > 0 } architecture })
            return null;
        if (!platforms.TryGetValue((os, architecture), out var platform))
            platforms.Add((os, architecture), platform = new Platform(os, architecture));
        return platform;
    }
}
