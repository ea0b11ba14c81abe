using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>A digest whose rollout to a workload failed: it is not rolled out to it again.</summary>
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
    string Why);

/// <summary>Which quarantined digests apply to a container.</summary>
/// <remarks>
/// | the digest served failed for                            | concerns                                                     |
/// |---------------------------------------------------------|--------------------------------------------------------------|
/// | this container, and for all that the rollout was about  | this workload: not restarted at all                          |
/// | this container, but another of the rollout has a newer  | nobody: which of them was to blame is not known, so try again |
/// | another workload with the same image                    | this workload, if the option says so                         |
/// </remarks>
public sealed class Quarantine
{
    private readonly ILookup<string, QuarantinedDigest> byWorkload;
    private readonly ILookup<(ImageReference, Digest), QuarantinedDigest> byImage;
    private readonly bool everywhere;

    public Quarantine(IReadOnlyList<QuarantinedDigest> quarantined, bool everywhere)
    {
        byWorkload = quarantined.ToLookup(entry => entry.Id.WorkloadUid, StringComparer.Ordinal);
        byImage = quarantined.ToLookup(entry => (entry.Image, entry.Digest));
        this.everywhere = everywhere;
        IsEmpty = quarantined.Count == 0;
    }

    public bool IsEmpty { get; }

    /// <summary>
    /// The digests that an ended rollout leaves quarantined: those of a failed one. None if it pinned to a previous digest: such a failure says
    /// nothing about that digest.
    /// </summary>
    public static IReadOnlyList<QuarantinedDigest> After(Rollout ended) => ended.State is not (RolloutState.Failed or RolloutState.TimedOut)
        ? []
        :
        [
            .. from change in ended.Changes
               where change.Reason != DecisionReason.PinPrevious
               join baseline in ended.Baselines on change.Container equals baseline.Id.Container
               select new QuarantinedDigest(
                   baseline.Id, ended.Workload, baseline.Image, change.To, change.From, ended.Id, ended.RestartedAt, ended.EndedAt!.Value, ended.Outcome ?? ""),
        ];

    /// <summary>The workload's own failed rollouts that still apply.</summary>
    public IReadOnlyList<QuarantinedDigest> Of(string uid, IReadOnlyList<ContainerDecision> decisions) =>
    [
        .. byWorkload[uid].GroupBy(entry => entry.RolloutId, StringComparer.Ordinal)
            .Where(rollout => rollout.All(entry => decisions.Any(decision => IsAbout(entry, decision))))
            .SelectMany(rollout => rollout),
    ];

    /// <summary>Whether the workload's last restart was a failed rollout. Such a rollout is not waited for.</summary>
    public bool HasFailed(WorkloadSnapshot workload) => byWorkload[workload.Uid].Any(entry => entry.RestartedAt == workload.RestartedAt);

    /// <summary>Another workload's failure with the same image and digest.</summary>
    public QuarantinedDigest? OfOthers(string uid, ContainerDecision decision) =>
        everywhere && decision is { Image: { } image, To: { } to }
            ? byImage[(image, to)].FirstOrDefault(entry => entry.Id.WorkloadUid != uid)
            : null;

    /// <summary>The workloads whose pods may run a quarantined digest after all: their rollouts are complete, with a template that is not older.</summary>
    public static IReadOnlyList<WorkloadSnapshot> Candidates(IReadOnlyList<QuarantinedDigest> quarantined, IReadOnlyList<WorkloadSnapshot> workloads)
    {
        if (quarantined.Count == 0)
            return [];

        var entries = quarantined.ToLookup(entry => entry.Id.WorkloadUid, StringComparer.Ordinal);
        return [.. workloads.Where(workload => entries[workload.Uid].Any(entry => MayRun(entry, workload)))];
    }

    /// <summary>
    /// Failed rollouts whose digests the pods run after all, because the cause (a registry, a node, a setting) was fixed, or somebody else rolled
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
        && RestartTime.Read(workload.RestartedAt) >= RestartTime.Read(entry.RestartedAt)
        && workload.Containers.Concat(workload.InitContainers).Any(container => container.Name == entry.Id.Container && container.Image.Value == entry.Image);

    public static bool IsAbout(QuarantinedDigest entry, ContainerDecision decision) =>
        entry.Id.Container == decision.Container && entry.Image == decision.Image && entry.Digest == decision.To;
}
