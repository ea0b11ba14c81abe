using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>A digest whose rollout to a workload failed, ended with a mismatch or was reverted: it is not rolled out to that workload again.</summary>
/// <param name="Image">The reference that the digest was served for.</param>
/// <param name="Previous">The previous digest; null if it was not known.</param>
/// <param name="RestartedAt">The rollout's restartedAt: while the workload has the same value, the failed rollout is its current one.</param>
/// <param name="Why">How the rollout ended, in one message.</param>
public sealed record QuarantinedDigest(
    ContainerId Id,
    WorkloadKey Workload,
    ImageReference Image,
    Digest Digest,
    Digest? Previous,
    string RolloutId,
    string RestartedAt,
    DateTimeOffset Since,
    string Why)
{
    /// <summary>
    /// Why it is held. <see cref="DecisionReason.Quarantined"/>: its rollout failed. <see cref="DecisionReason.Mismatch"/>: the pods run another digest.
    /// <see cref="DecisionReason.Reverted"/>: somebody reverted the restart.
    /// </summary>
    public DecisionReason Reason { get; init; } = DecisionReason.Quarantined;

    public bool IsFailure => Reason == DecisionReason.Quarantined;

    /// <summary>Who asked to roll it out again; null if nobody did. It holds nothing from then on.</summary>
    public string? RetryBy { get; init; }
}

/// <summary>Which quarantined digests apply to a container.</summary>
/// <remarks>
/// | the digest served failed for                            | concerns                                                     |
/// |---------------------------------------------------------|--------------------------------------------------------------|
/// | this container, and for all that the rollout was about  | this workload: not restarted at all                          |
/// | this container, but another of the rollout has a newer  | nobody: which of them caused the failure is unknown, so try again |
/// | another workload with the same image                    | this workload, if the other is in the scope, and no rollout of the digest in the scope was verified |
///
/// What happens outside of the scope neither holds nor releases anything: with <see cref="QuarantineScope.Namespace"/>, tenants don't affect each other.
///
/// A mismatch or a reverted restart concerns only its container, while the digest is served: the digest may work, so nothing else is held for it.
/// </remarks>
public sealed class Quarantine
{
    private readonly ILookup<string, QuarantinedDigest> byWorkload;
    private readonly ILookup<(ImageReference, Digest), QuarantinedDigest> byImage;
    private readonly QuarantineScope scope;
    private readonly IReadOnlyDictionary<Digest, IReadOnlySet<string>> verifiedIn;
    private readonly HashSet<Digest> neededVerified = [];

    /// <param name="verifiedIn">The namespaces in which a rollout of a digest was verified. A digest that is missing is taken as verified nowhere.</param>
    public Quarantine(IReadOnlyList<QuarantinedDigest> quarantined, QuarantineScope scope, IReadOnlyDictionary<Digest, IReadOnlySet<string>> verifiedIn)
    {
        byWorkload = quarantined.ToLookup(entry => entry.Id.WorkloadUid, StringComparer.Ordinal);
        byImage = quarantined.Where(entry => entry.IsFailure && entry.RetryBy is null).ToLookup(entry => (entry.Image, entry.Digest));
        this.scope = scope;
        this.verifiedIn = verifiedIn;
        IsEmpty = quarantined.Count == 0;
    }

    public bool IsEmpty { get; }

    public IReadOnlySet<Digest> NeededVerified => neededVerified;

    /// <summary>
    /// The digests that an ended rollout leaves held: those of a failed one, and those that do not run. None if it pinned to a previous digest:
    /// such an end says nothing about that digest.
    /// </summary>
    /// <param name="containers">The containers that do not run their digest; null for all of the rollout.</param>
    public static IReadOnlyList<QuarantinedDigest> After(Rollout ended, IReadOnlyList<string>? containers = null) => ReasonOf(ended.State) is not { } reason
        ? []
        :
        [
            .. from change in ended.Changes
               where change.Reason != DecisionReason.PinPrevious && (containers is null || containers.Contains(change.Container))
               join baseline in ended.Baselines on change.Container equals baseline.Id.Container
               select new QuarantinedDigest(
                   baseline.Id, ended.Workload, baseline.Image, change.To, change.From, ended.Id, ended.RestartedAt, ended.EndedAt!.Value, WhyOf(ended, reason))
               {
                   Reason = reason,
               },
        ];

    /// <summary>The entries of the workload's own rollouts that apply.</summary>
    public IReadOnlyList<QuarantinedDigest> Of(string uid, IReadOnlyList<ContainerDecision> decisions) =>
    [
        .. byWorkload[uid].Where(entry => entry.RetryBy is null).GroupBy(entry => entry.RolloutId, StringComparer.Ordinal)
            .Where(rollout => rollout.All(entry => !entry.IsFailure || decisions.Any(decision => IsAbout(entry, decision))))
            .SelectMany(rollout => rollout)
            .Where(entry => decisions.Any(decision => IsAbout(entry, decision))),
    ];

    /// <summary>What somebody asked to roll out to this container again; null if nothing.</summary>
    public QuarantinedDigest? RetryOf(string uid, ContainerDecision decision) =>
        byWorkload[uid].FirstOrDefault(entry => entry.RetryBy is not null && IsAbout(entry, decision));

    /// <summary>Whether the workload's last restart was a failed rollout. Such a rollout is not waited for.</summary>
    public bool HasFailed(WorkloadSnapshot workload) => byWorkload[workload.Uid].Any(entry => entry.IsFailure && entry.RestartedAt == workload.RestartedAt);

    /// <summary>Another workload's failure with the same image and digest, while no rollout of the digest in the scope was verified.</summary>
    public QuarantinedDigest? OfOthers(WorkloadSnapshot workload, ContainerDecision decision)
    {
        if (scope == QuarantineScope.Workload || decision is not { Image: { } image, To: { } to })
            return null;

        var other = byImage[(image, to)].FirstOrDefault(entry =>
            entry.Id.WorkloadUid != workload.Uid && (scope == QuarantineScope.Cluster || entry.Workload.Namespace == workload.Key.Namespace));
        if (other is null)
            return null;
        if (verifiedIn.TryGetValue(to, out var namespaces))
            return (scope == QuarantineScope.Cluster ? namespaces.Count > 0 : namespaces.Contains(workload.Key.Namespace)) ? null : other;

        neededVerified.Add(to);
        return other;
    }

    /// <summary>The workloads whose pods may run a held digest after all: their rollouts are complete, after a failure with a template that is not older.</summary>
    public static IReadOnlyList<WorkloadSnapshot> Candidates(IReadOnlyList<QuarantinedDigest> quarantined, IReadOnlyList<WorkloadSnapshot> workloads)
    {
        if (quarantined.Count == 0)
            return [];

        var entries = quarantined.ToLookup(entry => entry.Id.WorkloadUid, StringComparer.Ordinal);
        return [.. workloads.Where(workload => entries[workload.Uid].Any(entry => MayRun(entry, workload)))];
    }

    /// <summary>
    /// Rollouts whose digests the pods run after all, because the cause (a registry, a node, a setting) was fixed, or somebody else rolled
    /// them out. A complete rollout alone does not say so: it may have no replicas, or a cached image.
    /// </summary>
    public static IReadOnlyList<string> Recovered(
        IReadOnlyList<QuarantinedDigest> quarantined, IReadOnlyList<WorkloadSnapshot> candidates,
        IReadOnlyDictionary<string, IReadOnlyList<PodSnapshot>> pods, Func<Digest, Manifest?> known)
    {
        var byUid = candidates.ToDictionary(workload => workload.Uid, StringComparer.Ordinal);
        return
        [
            .. quarantined.GroupBy(entry => entry.RolloutId, StringComparer.Ordinal)
                .Where(rollout => byUid.TryGetValue(rollout.First().Id.WorkloadUid, out var workload) && rollout.All(entry =>
                    MayRun(entry, workload) && RolloutVerifier.AllRun(workload, pods.GetValueOrDefault(workload.Uid) ?? [], entry.Id.Container, entry.Digest, known)))
                .Select(rollout => rollout.Key),
        ];
    }

    private static bool MayRun(QuarantinedDigest entry, WorkloadSnapshot workload) =>
        RolloutStatusRules.Evaluate(workload).State == RolloutProgress.Done
        && (!entry.IsFailure || RestartTime.Read(workload.RestartedAt) >= RestartTime.Read(entry.RestartedAt))
        && workload.Containers.Concat(workload.InitContainers).Any(container => container.Name == entry.Id.Container && container.Image.Value == entry.Image);

    /// <summary>Whether the container is served the digest, or another one that is the same for the nodes.</summary>
    public static bool IsAbout(QuarantinedDigest entry, ContainerDecision decision) =>
        entry.Id.Container == decision.Container && entry.Image == decision.Image
        && (entry.Digest == decision.To || (!entry.IsFailure && decision.Reason == DecisionReason.SameManifests && entry.Digest == decision.From));

    private static DecisionReason? ReasonOf(RolloutState state) => state switch
    {
        RolloutState.Failed or RolloutState.TimedOut => DecisionReason.Quarantined,
        RolloutState.Mismatch => DecisionReason.Mismatch,
        RolloutState.Reverted => DecisionReason.Reverted,
        _ => null,
    };

    private static string WhyOf(Rollout ended, DecisionReason reason) => reason switch
    {
        DecisionReason.Mismatch => ended.VerificationMessage ?? "",
        DecisionReason.Reverted => $"{ended.Outcome}; {ended.VerificationMessage}",
        _ => ended.Outcome ?? "",
    };
}
