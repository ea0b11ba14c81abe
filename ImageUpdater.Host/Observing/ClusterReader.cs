using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Nodes;

namespace ImageUpdater.Host.Observing;

/// <summary>Finds the enabled workloads and the platforms of the nodes. A kind that can't be listed is a warning; the others are served.</summary>
/// <param name="configured">The namespaces to look at; empty for all, listed at once.</param>
/// <param name="informers">Null for who looks once.</param>
internal sealed class ClusterReader(ClusterClient kubernetes, IReadOnlyList<string> configured, Informers? informers)
{
    // A namespace may have thousands of workloads, and there may be hundreds of namespaces.
    private const int ListsAtOnce = 6;

    /// <param name="only">Null for what is configured.</param>
    public async Task<Result<ClusterView, KubernetesFailure>> ReadAsync(IReadOnlyList<string>? only, CancellationToken cancellationToken)
    {
        var readingNodes = informers is null ? kubernetes.ListNodesAsync(cancellationToken) : informers.Nodes.ReadAsync(cancellationToken);
        var namespaces = only ?? (configured.Count > 0 ? configured : null);
        var lists = await ListAsync(namespaces, cancellationToken);
        var readNodes = await readingNodes;
        var answered = lists.Where(list => list.Workloads is not null).ToList();
        if (answered.Count == 0)
            return Explained(lists[^1].Failure!);

        var warnings = lists.Where(list => list.Failure is not null).Select(list => list.Warning!).ToList();
        if (!readNodes.IsSuccess(out var nodes, out var nodeFailure))
            warnings.Add($"nodes could not be listed, so every platform of an image index counts: {nodeFailure.Message}");

        return new ClusterView(ScopeOf(namespaces, answered), [.. answered.SelectMany(list => list.Workloads!)], PlatformsOf(nodes?.Items ?? []), warnings);
    }

    private async Task<Listing[]> ListAsync(IReadOnlyList<string>? namespaces, CancellationToken cancellationToken)
    {
        var wanted = (from @namespace in namespaces ?? [null!] from kind in Enum.GetValues<WorkloadKind>() select (@namespace, kind)).ToList();
        var lists = new Listing[wanted.Count];
        await Parallel.ForAsync(0, wanted.Count, new ParallelOptions { MaxDegreeOfParallelism = ListsAtOnce, CancellationToken = cancellationToken }, async (index, cancellationToken) =>
        {
            var (@namespace, kind) = wanted[index];
            var listed = informers is null ? await kubernetes.ListEnabledWorkloadsAsync(kind, @namespace, cancellationToken) : await informers.Workloads(kind, @namespace).ReadAsync(cancellationToken);
            lists[index] = listed.IsSuccess(out var found, out var failure)
                ? new Listing(@namespace, kind, found.Items, Failure: null)
                : new Listing(@namespace, kind, Workloads: null, failure);
        });
        return lists;
    }

    // A scope is namespaces times kinds. What was listed beyond such a product is planned, but nothing is concluded from what is missing there.
    private static PlanScope ScopeOf(IReadOnlyList<string>? namespaces, List<Listing> answered)
    {
        var covered = namespaces?.Where(name => answered.Exists(list => list.Namespace == name)).ToList();
        var kinds = Enum.GetValues<WorkloadKind>().Where(kind => answered.Count(list => list.Kind == kind) == (covered?.Count ?? 1));
        return new PlanScope(covered, [.. kinds]);
    }

    private static List<Platform> PlatformsOf(IReadOnlyList<NodeSnapshot> nodes) =>
        [.. nodes.Select(node => node.Platform).OfType<Platform>().Distinct().Order()];

    // The API's own word is "Unauthorized", and no more.
    private KubernetesFailure Explained(KubernetesFailure failure) => failure.Kind == KubernetesFailureKind.Unauthorized
        ? failure with { Message = $"the Kubernetes API does not accept the credentials of {kubernetes.Connection.DisplayName}: {failure.Message}" }
        : failure;

    private sealed record Listing(string? Namespace, WorkloadKind Kind, IReadOnlyList<WorkloadSnapshot>? Workloads, KubernetesFailure? Failure)
    {
        public string? Warning => Failure is null
            ? null
            : $"{WorkloadKey.KindName(Kind)}s{(Namespace is null ? "" : " of " + Namespace)} could not be listed: {Failure.Message}";
    }
}
