using ImageUpdater.Core.Images;

namespace ImageUpdater.Kubernetes.Nodes;

/// <summary>Maps the nodes of one list or watch. The nodes share <see cref="Platform"/> objects, to save memory.</summary>
internal sealed class NodeMapping
{
    private readonly Dictionary<(string Os, string Architecture), Platform> platforms = [];

    /// <returns>Null if the uid is missing.</returns>
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
