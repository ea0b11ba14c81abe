using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Nodes;

namespace ImageUpdater.Host.Observing;

/// <summary>Reads the enabled workloads and the platforms of the nodes. A kind that can't be listed is a warning; the others are returned.</summary>
/// <param name="configured">The namespaces to read; empty for all, listed in one request.</param>
/// <param name="informers">Null for a command, which reads once.</param>
internal sealed class ClusterReader(ClusterClient kubernetes, IReadOnlyList<string> configured, Informers? informers)
{
    // Limits the load on the API server with hundreds of namespaces, or thousands of workloads in one.
    private const int ListsAtOnce = 6;

    // With no platform a manifest for any platform would count as a change, and be rolled out.
    private volatile IReadOnlyList<Platform> lastPlatforms = [];

    /// <param name="only">Null for the configured namespaces.</param>
    public async Task<Result<ClusterView, KubernetesFailure>> ReadAsync(IReadOnlyList<string>? only, CancellationToken cancellationToken)
    {
        var readingNodes = informers is null ? kubernetes.ListNodesAsync(cancellationToken) : informers.Nodes.ReadAsync(cancellationToken);
        var namespaces = only ?? (configured.Count > 0 ? configured : null);
        var readingLists = ListAsync(namespaces, cancellationToken);
        // Both are awaited even if one throws: the next cycle must not find the other still running.
        await Task.WhenAll(readingLists, readingNodes);
        var lists = await readingLists;
        var readNodes = await readingNodes;
        var answered = lists.Where(list => list.Workloads is not null).ToList();
        if (answered.Count == 0)
            return Explained(lists[^1].Failure!);

        var warnings = lists.Where(list => list.Failure is not null).Select(list => list.Warning!).ToList();
        if (readNodes.IsSuccess(out var nodes, out var nodeFailure))
            lastPlatforms = PlatformsOf(nodes.Items);
        else
            warnings.Add($"cannot list nodes, so {Considered(lastPlatforms)}: {nodeFailure.Message}");

        return new ClusterView(ScopeOf(namespaces, answered), [.. answered.SelectMany(list => list.Workloads!)], lastPlatforms, warnings, NotEnabledOf(answered));
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
                ? new Listing(@namespace, kind, found.Items, found.PassedOver, Failure: null)
                : new Listing(@namespace, kind, Workloads: null, PassedOver.None, failure);
        });
        return lists;
    }

    // A scope is the product of namespaces and kinds. Workloads listed beyond it are planned, but missing ones there don't count as deleted.
    private static PlanScope ScopeOf(IReadOnlyList<string>? namespaces, List<Listing> answered)
    {
        var covered = namespaces?.Where(name => answered.Exists(list => list.Namespace == name)).ToList();
        var kinds = Enum.GetValues<WorkloadKind>().Where(kind => answered.Count(list => list.Kind == kind) == (covered?.Count ?? 1));
        return new PlanScope(covered, [.. kinds]);
    }

    private static List<Platform> PlatformsOf(IReadOnlyList<NodeSnapshot> nodes) =>
        [.. nodes.Select(node => node.Platform).OfType<Platform>().Distinct().Order()];

    private static string Considered(IReadOnlyList<Platform> platforms) => platforms.Count == 0
        ? "every platform of an image index is considered"
        : $"the platforms of the last list are considered ({string.Join(", ", platforms)})";

    // The API's own message is just "Unauthorized".
    private KubernetesFailure Explained(KubernetesFailure failure) => failure.Kind == KubernetesFailureKind.Unauthorized
        ? failure with { Message = $"the Kubernetes API rejected the credentials of {kubernetes.Connection.DisplayName}: {failure.Message}" }
        : failure;

    private static NotEnabled NotEnabledOf(List<Listing> answered) => new(
        answered.Sum(list => list.PassedOver.Count), [.. answered.SelectMany(list => list.PassedOver.Mistakes.Values).OrderBy(mistake => mistake.Workload)]);

    private sealed record Listing(string? Namespace, WorkloadKind Kind, IReadOnlyList<WorkloadSnapshot>? Workloads, PassedOver PassedOver, KubernetesFailure? Failure)
    {
        public string? Warning => Failure is null
            ? null
            : $"cannot list {WorkloadKey.KindName(Kind)}s{(Namespace is null ? "" : " in namespace " + Namespace)}: {Failure.Message}";
    }
}
