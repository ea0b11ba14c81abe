using System.Collections.Frozen;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>All inputs of a plan. The same input produces the same plan.</summary>
public sealed record PlanningInput
{
    public required DateTimeOffset Now { get; init; }

    public PlanScope Scope { get; init; } = PlanScope.Everything;

    public required IReadOnlyList<WorkloadSnapshot> Workloads { get; init; }

    public required IReadOnlyDictionary<ObservedImage, ImageCheck> Checks { get; init; }

    public required IReadOnlyDictionary<ContainerId, Baseline> Baselines { get; init; }

    /// <summary>When the current digest of each tag was first observed. No entry for an image that was never read.</summary>
    public IReadOnlyDictionary<ObservedImage, DateTimeOffset> ServedSince { get; init; } = FrozenDictionary<ObservedImage, DateTimeOffset>.Empty;

    /// <summary>The newest observations of the images that <see cref="MissingInputs"/> asked for, at most <see cref="Flap.MostObservations"/> each, newest first.</summary>
    public IReadOnlyDictionary<ObservedImage, IReadOnlyList<Observation>> Observations { get; init; } =
        FrozenDictionary<ObservedImage, IReadOnlyList<Observation>>.Empty;

    /// <summary>When each image was and will be checked. Shown in the plan; no decision depends on it.</summary>
    public IReadOnlyList<ImageOutlook> Images { get; init; } = [];

    /// <summary>Platforms of the cluster's nodes. Empty if they could not be read: then every manifest of an index is compared.</summary>
    public IReadOnlyList<Platform> NodePlatforms { get; init; } = [];

    /// <summary>Pods by workload uid, for the workloads that <see cref="MissingInputs"/> asked for.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PodSnapshot>> Pods { get; init; } = FrozenDictionary<string, IReadOnlyList<PodSnapshot>>.Empty;

    /// <summary>Workloads, by uid, whose pods could not be listed at the moment. Where the right to list them is missing, they simply have no pods.</summary>
    public IReadOnlySet<string> UnreadPods { get; init; } = FrozenSet<string>.Empty;

    /// <summary>How far the rollouts have come that a container without a baseline waits for, by workload uid.</summary>
    public IReadOnlyDictionary<string, RolloutPace> Paces { get; init; } = FrozenDictionary<string, RolloutPace>.Empty;

    /// <summary>At most this much of the time since a workload was read before counts as time without progress.</summary>
    public TimeSpan LongestGap { get; init; } = TimeSpan.MaxValue;

    /// <summary>Revisions by workload uid, for the workloads that <see cref="MissingInputs"/> asked for.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<RevisionSnapshot>> Revisions { get; init; } = FrozenDictionary<string, IReadOnlyList<RevisionSnapshot>>.Empty;

    /// <summary>Manifests that <see cref="MissingInputs"/> asked for, or the reason why one can't be read.</summary>
    public IReadOnlyDictionary<Digest, Result<Manifest, RegistryFailure>> Manifests { get; init; } =
        FrozenDictionary<Digest, Result<Manifest, RegistryFailure>>.Empty;

    /// <summary>What the repositories serve at the digests that <see cref="MissingInputs"/> asked for, or the reason why it can't be read.</summary>
    public IReadOnlyDictionary<ObservedImage, Result<Manifest, RegistryFailure>> Served { get; init; } =
        FrozenDictionary<ObservedImage, Result<Manifest, RegistryFailure>>.Empty;

    /// <summary>Containers whose pull policy a restart of ours has set to <c>Always</c>. If it is another one now, somebody has set it back.</summary>
    public IReadOnlySet<ContainerId> PullPoliciesSet { get; init; } = FrozenSet<ContainerId>.Empty;

    /// <summary>Our rollouts that have not ended, by workload uid.</summary>
    public IReadOnlyDictionary<string, Rollout> Running { get; init; } = FrozenDictionary<string, Rollout>.Empty;

    public IReadOnlyList<QuarantinedDigest> Quarantined { get; init; } = [];

    /// <summary>For the digests that <see cref="MissingInputs"/> asked for: the namespaces in which a rollout of it was verified.</summary>
    public IReadOnlyDictionary<Digest, IReadOnlySet<string>> VerifiedIn { get; init; } = FrozenDictionary<Digest, IReadOnlySet<string>>.Empty;

    /// <summary>When each workload was last restarted by us, by uid; null until <see cref="MissingInputs"/> asked for it.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? LastRestarts { get; init; }

    /// <summary>When the last rollout in each namespace was started; null until <see cref="MissingInputs"/> asked for it.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? LastServed { get; init; }

    /// <summary>The last decision about each container.</summary>
    public IReadOnlyDictionary<ContainerId, LastDecision> LastDecisions { get; init; } = FrozenDictionary<ContainerId, LastDecision>.Empty;

    /// <summary>Digests approved by applying a plan by hand.</summary>
    public IReadOnlySet<(ContainerId Id, Digest Digest)> Approved { get; init; } = FrozenSet<(ContainerId, Digest)>.Empty;

    public PlanningOptions Options { get; init; } = new();

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What was read besides <see cref="Workloads"/>; null if that is not known.</summary>
    public NotEnabled? NotEnabled { get; init; }
}

public sealed record PlanningOptions
{
    public FirstSeen FirstSeen { get; init; } = FirstSeen.Adopt;

    /// <summary>Set <c>imagePullPolicy: Always</c> with a restart wherever it is missing, except where it is <c>Never</c>.</summary>
    public bool PullPolicyAlways { get; init; }

    /// <summary>The workload that runs the operator: its restart comes last.</summary>
    public WorkloadKey? Self { get; init; }

    public HoldOptions Holds { get; init; } = new();
}

/// <summary>What happens to a container that was never rolled out.</summary>
public enum FirstSeen
{
    /// <summary>The current digest is recorded as the baseline.</summary>
    Adopt,

    /// <summary>The workload is restarted, as the Python operator did.</summary>
    Restart,
}

/// <summary>Inputs that the planner needs and did not have. Empty in a cycle without changes.</summary>
/// <param name="Manifests">Content that is known by its digest, wherever it was read.</param>
/// <param name="Served">Content that its own repository must have, since a restart would pull it: the repository at the digest, and the image.</param>
public sealed record MissingInputs(
    IReadOnlySet<string> PodsOfWorkloads, IReadOnlyDictionary<Digest, ImageReference> Manifests, IReadOnlyDictionary<ObservedImage, ImageReference> Served,
    bool LastRestarts = false)
{
    public IReadOnlySet<string> RevisionsOfWorkloads { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Images whose digest is so young that it matters whether the tag flaps.</summary>
    public IReadOnlySet<ObservedImage> Observations { get; init; } = FrozenSet<ObservedImage>.Empty;

    /// <summary>Digests that failed for another workload: it matters where a rollout of them was verified.</summary>
    public IReadOnlySet<Digest> Verified { get; init; } = FrozenSet<Digest>.Empty;

    /// <summary>More restarts are due than there are slots: <see cref="FairTurns"/> need to know who was served last.</summary>
    public bool LastServed { get; init; }

    public bool Any => PodsOfWorkloads.Count > 0 || Manifests.Count > 0 || Served.Count > 0 || LastRestarts || Observations.Count > 0 || RevisionsOfWorkloads.Count > 0
        || Verified.Count > 0 || LastServed;
}
