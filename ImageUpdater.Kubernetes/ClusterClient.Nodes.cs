using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Nodes;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Kubernetes;

internal sealed partial class ClusterClient
{
    private const string NodesPath = "/api/v1/nodes";

    // Metadata only: status and images are most of a node. A server that does not support this sends whole nodes.
    private const string NodeMetadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    private const string NodeMetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    public async Task<Result<ItemList<NodeSnapshot>, KubernetesFailure>> ListNodesAsync(CancellationToken cancellationToken)
    {
        var read = await lists.ReadAsync(NodesPath, async (wanted, attempt) =>
        {
            var page = await attempt.Api.SendAsync(
                HttpMethod.Get, NodesPath + QueryOf(wanted), patch: null, NodeJson.Default.NodePage, attempt.Headers.Accepting(NodeMetadataList), attempt.Token);
            return page is null ? null : new Page<NodeObject>(page.Items ?? [], page.Metadata?.ContinueProperty, page.Metadata?.ResourceVersion);
        }, cancellationToken);
        if (!read.IsSuccess(out var list, out var failure))
            return failure;

        var nodes = new NodeMapping();
        var snapshots = new List<NodeSnapshot>();
        foreach (var node in list.Items)
        {
            if (nodes.ToSnapshot(node) is not { } snapshot)
                return Incomplete(NodesPath);
            snapshots.Add(snapshot);
        }

        return new ItemList<NodeSnapshot>(snapshots, list.Version);
    }

    /// <summary>Watches all nodes, like <see cref="WatchWorkloadsAsync"/>.</summary>
    public Task<KubernetesFailure?> WatchNodesAsync(string version, Action opened, Action<ItemChange<NodeSnapshot>> changed, CancellationToken cancellationToken)
    {
        var nodes = new NodeMapping();
        return WatchAsync(
            NodesPath, version, NodeJson.Default.WatchLineNodeObject, NodeMetadata, opened, line => WatchLines.ChangeOf(line, _ => true, nodes.ToSnapshot), changed,
            cancellationToken);
    }
}
