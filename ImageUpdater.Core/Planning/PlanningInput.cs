using System.Collections.Frozen;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>Everything a plan is made from. The same input gives the same plan.</summary>
public sealed record PlanningInput
{
    public required DateTimeOffset Now { get; init; }

    public PlanScope Scope { get; init; } = PlanScope.Everything;

    public required IReadOnlyList<WorkloadSnapshot> Workloads { get; init; }

    public required IReadOnlyDictionary<ImageReference, ImageCheck> Checks { get; init; }

    public required IReadOnlyDictionary<ContainerId, Baseline> Baselines { get; init; }

    /// <summary>Since when the tag serves what it serves, as far as it was seen. Without an entry for an image that was never read.</summary>
    public IReadOnlyDictionary<ImageReference, DateTimeOffset> ServedSince { get; init; } = FrozenDictionary<ImageReference, DateTimeOffset>.Empty;

    /// <summary>When each image was and will be checked, for whoever reads the plan; no decision hangs on it.</summary>
    public IReadOnlyList<ImageOutlook> Images { get; init; } = [];

    /// <summary>Of the cluster's nodes. Empty when they could not be read: then every manifest of an index counts.</summary>
    public IReadOnlyList<Platform> NodePlatforms { get; init; } = [];

    /// <summary>Pods by workload uid, for the workloads that <see cref="MissingInputs"/> asked for.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PodSnapshot>> Pods { get; init; } = FrozenDictionary<string, IReadOnlyList<PodSnapshot>>.Empty;

    /// <summary>Manifests that <see cref="MissingInputs"/> asked for, or why one can't be had.</summary>
    public IReadOnlyDictionary<Digest, Result<Manifest, RegistryFailure>> Manifests { get; init; } =
        FrozenDictionary<Digest, Result<Manifest, RegistryFailure>>.Empty;

    /// <summary>Rollouts of ours whose end is not known, by workload uid.</summary>
    public IReadOnlyDictionary<string, Rollout> Running { get; init; } = FrozenDictionary<string, Rollout>.Empty;

    public IReadOnlyList<QuarantinedDigest> Quarantined { get; init; } = [];

    /// <summary>When each workload was last restarted by us, by uid; null until <see cref="MissingInputs"/> asked for it.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? LastRestarts { get; init; }

    /// <summary>What was decided before.</summary>
    public IReadOnlyDictionary<ContainerId, LastDecision> LastDecisions { get; init; } = FrozenDictionary<ContainerId, LastDecision>.Empty;

    /// <summary>What somebody approved by applying a plan by hand.</summary>
    public IReadOnlySet<(ContainerId Id, Digest Digest)> Approved { get; init; } = FrozenSet<(ContainerId, Digest)>.Empty;

    public PlanningOptions Options { get; init; } = new();

    public IReadOnlyList<string> Warnings { get; init; } = [];
}

public sealed record PlanningOptions
{
    public FirstSeen FirstSeen { get; init; } = FirstSeen.Adopt;

    /// <summary>Set <c>imagePullPolicy: Always</c> with a restart wherever it is missing.</summary>
    public bool PullPolicyAlways { get; init; }

    /// <summary>The workload that runs the operator: its restart comes last.</summary>
    public WorkloadKey? Self { get; init; }

    public HoldOptions Holds { get; init; } = new();
}

/// <summary>What happens to a container that was never rolled out.</summary>
public enum FirstSeen
{
    /// <summary>What is served now becomes its baseline.</summary>
    Adopt,

    /// <summary>It is restarted, as the Python operator did.</summary>
    Restart,
}

/// <summary>ResolvedInputs that would make the plan better and was not in its input. Nothing, in a cycle without change.</summary>
public sealed record MissingInputs(IReadOnlySet<string> PodsOfWorkloads, IReadOnlyDictionary<Digest, ImageReference> Manifests, bool LastRestarts = false)
{
    public bool Any => PodsOfWorkloads.Count > 0 || Manifests.Count > 0 || LastRestarts;
}
