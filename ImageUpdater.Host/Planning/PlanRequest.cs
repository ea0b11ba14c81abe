using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Host.Observing;

namespace ImageUpdater.Host.Planning;

/// <summary>What plan is wanted, by whom.</summary>
internal sealed record PlanRequest(string Actor)
{
    /// <summary>Null for those that the configuration names, or all.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    public Refresh Refresh { get; init; } = Refresh.All;

    /// <summary>With <see cref="Refresh.None"/> no registry is asked for anything, manifests included.</summary>
    public bool MayAsk => Refresh != Refresh.None;

    /// <summary>Store a plan that says nothing new, too, because somebody asked for it.</summary>
    public bool KeepEmpty { get; init; }

    /// <summary>What somebody approved by applying a plan by hand.</summary>
    public IReadOnlySet<(ContainerId Id, Digest Digest)> Approved { get; init; } = FrozenSet<(ContainerId, Digest)>.Empty;

    /// <summary>Is told how many images were resolved.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>Cluster and registries have been looked at, and what was seen is stored; the rest is our own work.</summary>
    public Action? Observed { get; init; }
}
