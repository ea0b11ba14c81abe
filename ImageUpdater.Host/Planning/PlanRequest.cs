using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Host.Observing;

namespace ImageUpdater.Host.Planning;

/// <summary>The parameters of a plan.</summary>
internal sealed record PlanRequest(string Actor)
{
    /// <summary>Null for the configured namespaces, or all.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>With <see cref="Refresh.None"/> registries are not queried at all, not even for manifests.</summary>
    public Refresh Refresh { get; init; } = Refresh.All;

    /// <summary>Also store a plan without changes, because a user requested it.</summary>
    public bool KeepEmpty { get; init; }

    /// <summary>The digests that were approved by applying a stored plan by hand.</summary>
    public IReadOnlySet<(ContainerId Id, Digest Digest)> Approved { get; init; } = FrozenSet<(ContainerId, Digest)>.Empty;

    /// <summary>Images to check although they are not due.</summary>
    public IReadOnlyList<CheckSelection> Checks { get; init; } = [];

    /// <summary>Receives the number of images resolved so far.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>Called once the cluster and the registries have been read and the observations stored.</summary>
    public Action? Observed { get; init; }

    /// <summary>Receives the plan of a cycle before it is applied.</summary>
    public Action<MadePlan>? Planned { get; init; }
}
