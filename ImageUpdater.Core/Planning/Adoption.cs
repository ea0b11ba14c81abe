using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

internal enum AdoptionKind
{
    /// <summary>Its pods are still starting: nothing is adopted yet.</summary>
    Waiting,

    /// <summary>The pods report what they run.</summary>
    Running,

    /// <summary>No pod reports a digest: the served digest is adopted, unverified.</summary>
    Unverified,
}

/// <param name="Digests">What the pods run, oldest first; the served digest only if they all run it.</param>
/// <param name="Explanation">Why it is so, as a part of a message; empty if the pods agree.</param>
internal readonly record struct AdoptableDigests(AdoptionKind Kind, IReadOnlyList<Digest> Digests, string Explanation);

/// <summary>What a container without a baseline runs. The first matching row applies.</summary>
/// <remarks>
/// | the rollout of the workload         | its pods of the current revision                | baseline                        |
/// |-------------------------------------|-------------------------------------------------|---------------------------------|
/// | has not ended, before its deadline  | (not read)                                      | none yet: waiting               |
/// | has no replicas                     | (not read)                                      | the digest served, unverified   |
/// | (otherwise)                         | can't be listed now, or none has started        | none yet: waiting               |
/// |                                     | as before, and the deadline has passed          | the digest served, unverified   |
/// |                                     | none, or the right to list them is missing      | the digest served, unverified   |
/// |                                     | all run the digest served                       | that                            |
/// |                                     | some run other digests                          | the oldest of these             |
/// |                                     | report an id that is no manifest's digest       | the digest served, unverified   |
///
/// The deadline: <see cref="RolloutDeadline"/>. Of several digests the oldest is the baseline, so that a restart follows. The one that the tag
/// serves is the newest. Of the others, the one of the oldest pod counts as the oldest, since what the tag served before its
/// first check is unknown. A digest that the registry does not have, or that is the same for the nodes, is ignored if
/// there is another.
/// </remarks>
internal sealed class Adoption(PlanningInput input, ResolvedInputs resolved)
{
    public AdoptableDigests Of(WorkloadSnapshot workload, string container, ServedCheck served)
    {
        var rollout = RolloutStatusRules.Evaluate(workload);
        var isLate = rollout.State == RolloutProgress.Failed || IsLate(workload);
        if (rollout.State == RolloutProgress.Running && !isLate)
            return Waiting("the rollout to end");
        if (workload.Status.Desired == 0)
            return Unverified("it has no replicas");
        if (resolved.Pods(workload) is not { } pods)
            return Waiting("its pods to be read");
        if (input.UnreadPods.Contains(workload.Uid))
            return isLate ? Unverified("its pods cannot be listed") : Waiting("its pods, which cannot be listed at the moment");

        var current = rollout.State == RolloutProgress.Done && !workload.Status.OnDelete
            ? RunningDigests.CurrentPods(workload, pods)
            : RunningDigests.PodsOfNewestRevision(workload, pods);
        if (current.Count == 0)
            return Unverified("no pod of its current revision can be read");

        var started = current.Where(pod => pod.Images.ContainsKey(container)).ToList();
        if (started.Count == 0)
            return isLate ? Unverified("its pods did not start") : Waiting("its pods to start");
        return Reported(started, container, served);
    }

    /// <summary>Of digests that differ, the first one that a restart is due for; otherwise the first.</summary>
    public Digest Choose(IReadOnlyList<Digest> digests, ServedCheck served)
    {
        foreach (var digest in digests)
        {
            if (digests.Count > 1 && resolved.Compare(digest, served, mustExist: true).Kind == ComparisonKind.Changed)
                return digest;
        }

        return digests[0];
    }

    private AdoptableDigests Reported(List<PodSnapshot> started, string container, ServedCheck served)
    {
        var others = new List<Digest>();
        var (someServed, someUnknown) = (false, false);
        foreach (var pod in started.OrderBy(pod => pod.CreatedAt ?? DateTimeOffset.MaxValue).ThenBy(pod => pod.Name, StringComparer.Ordinal))
        {
            var report = RunningDigests.ReadImageId(pod.Images[container]);
            if (report is { } known && resolved.IsServed(known.Digest, served))
                someServed = true;
            // The repository may be another one of the same image: a node that has it under two names reports any of them.
            else if (report is { Repository: not null } other)
                others.Add(other.Digest);
            else
                someUnknown = true;
        }

        if (others.Count == 0)
            return someUnknown ? Unverified("its pods report no manifest digest") : new AdoptableDigests(AdoptionKind.Running, [served.Digest], "");

        var distinct = others.Distinct().ToList();
        return new AdoptableDigests(AdoptionKind.Running, distinct, someServed || distinct.Count > 1 ? "its pods run different digests, of which the oldest is the baseline" : "");
    }

    private bool IsLate(WorkloadSnapshot workload) =>
        WaitingPace.Of(input, workload).WithoutProgress > RolloutDeadline.Of(workload, input.Options.Holds.RolloutTimeout);

    private static AdoptableDigests Waiting(string explanation) => new(AdoptionKind.Waiting, [], explanation);

    private static AdoptableDigests Unverified(string explanation) => new(AdoptionKind.Unverified, [], explanation);
}
