using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Nodes;
using ImageUpdater.Kubernetes.Watching;

namespace ImageUpdater.Host.Observing;

/// <summary>What an informer keeps, and how it reads it.</summary>
/// <param name="Name">The name for the log, such as <c>deployments</c>.</param>
/// <param name="ListAsync">Lists all objects.</param>
/// <param name="WatchAsync">Watches from a resourceVersion; calls back when the watch is open, and for each change.</param>
/// <param name="IsNews">
/// Whether the change from the first to the second, one of which may be null, may affect a decision; the third are all objects after it.
/// </param>
internal sealed record Watched<TItem>(
    string Name,
    Func<CancellationToken, Task<Result<ItemList<TItem>, KubernetesFailure>>> ListAsync,
    Func<string, Action, Action<ItemChange<TItem>>, CancellationToken, Task<KubernetesFailure?>> WatchAsync,
    Func<TItem, string> UidOf,
    Func<TItem?, TItem?, IEnumerable<TItem>, bool> IsNews)
    where TItem : class
{
    /// <summary>Adds to an object what only its predecessor, the first argument, tells.</summary>
    public Func<TItem, TItem, TItem> Carry { get; init; } = (_, now) => now;
}

/// <summary>The kinds of objects that are watched.</summary>
internal static class Watched
{
    /// <param name="namespace">Null for all namespaces.</param>
    public static Watched<WorkloadSnapshot> Workloads(ClusterClient kubernetes, WorkloadKind kind, string? @namespace) => new(
        WorkloadKey.KindName(kind) + "s",
        cancellationToken => kubernetes.ListEnabledWorkloadsAsync(kind, @namespace, cancellationToken),
        (version, opened, changed, cancellationToken) => kubernetes.WatchWorkloadsAsync(kind, @namespace, version, opened, changed, cancellationToken),
        workload => workload.Uid,
        (before, now, _) => IsNews(before, now))
    {
        Carry = WithTemplateGeneration,
    };

    public static Watched<NodeSnapshot> Nodes(ClusterClient kubernetes) => new(
        "nodes", kubernetes.ListNodesAsync, kubernetes.WatchNodesAsync, node => node.Uid, ChangesPlatforms);

    private static WorkloadSnapshot WithTemplateGeneration(WorkloadSnapshot before, WorkloadSnapshot now) =>
        before.TemplateFingerprint == now.TemplateFingerprint && before.Status.Desired == now.Status.Desired && before.Paused == now.Paused
            ? now with { Status = now.Status with { TemplateGeneration = before.Status.TemplateGeneration ?? before.Status.Generation } }
            : now;

    /// <summary>Any change except the progress of a rollout.</summary>
    private static bool IsNews(WorkloadSnapshot? before, WorkloadSnapshot? now) => (before, now) switch
    {
        (null, null) => false,
        (null, _) or (_, null) => true,
        _ => before.TemplateFingerprint != now.TemplateFingerprint || before.Paused != now.Paused || before.Deleting != now.Deleting
            || before.HasLegacyFinalizer != now.HasLegacyFinalizer || before.Annotations.Count != now.Annotations.Count || before.Annotations.Except(now.Annotations).Any(),
    };

    /// <summary>Only the first or last node of a platform matters; an autoscaler adds and removes the others all the time.</summary>
    private static bool ChangesPlatforms(NodeSnapshot? before, NodeSnapshot? now, IEnumerable<NodeSnapshot> known)
    {
        if (before?.Platform == now?.Platform)
            return false;

        var others = known.Where(node => node.Uid != now?.Uid).Select(node => node.Platform).ToHashSet();
        return IsUnique(before?.Platform) || IsUnique(now?.Platform);

        bool IsUnique(Platform? platform) => platform is not null && !others.Contains(platform);
    }
}
