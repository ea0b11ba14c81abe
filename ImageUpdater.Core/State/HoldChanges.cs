using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.State;

/// <summary>How digests that are held after a rollout are released, retried and forgotten.</summary>
public static class HoldChanges
{
    /// <param name="reason">For the audit records, as the end of a sentence.</param>
    public static StateChange Release(IReadOnlyList<QuarantinedDigest> held, string reason, string actor, DateTimeOffset at) => new()
    {
        Released = held,
        Audit = [.. held.Select(entry => AuditRecords.QuarantineLifted(entry, at, actor, reason))],
    };

    /// <summary>
    /// Somebody asked to roll held digests out again. One that is not the last digest that was rolled out needs no retry: once released, it is due whenever
    /// its tag serves it.
    /// </summary>
    /// <param name="held">Those for which nobody asked before.</param>
    /// <param name="baselines">The digests that were last rolled out to these containers.</param>
    public static StateChange Retry(
        IReadOnlyList<QuarantinedDigest> held, IReadOnlyDictionary<ContainerId, Digest> baselines, string actor, DateTimeOffset at)
    {
        var last = held.ToLookup(entry => baselines.GetValueOrDefault(entry.Id) == entry.Digest);
        var released = Release([.. last[false]], "a retry was requested", actor, at);
        var asked = last[true].Select(entry => entry with { RetryBy = actor }).ToList();
        return released with { Held = asked, Audit = [.. released.Audit, .. asked.Select(entry => AuditRecords.RetryRequested(entry, at, actor))] };
    }

    /// <summary>
    /// Everything about a workload is deleted. What failed is retried, not released: the annotation <c>last-digest</c> still names it, which alone would
    /// be taken as up to date.
    /// </summary>
    /// <param name="held">Those for which nobody asked for a retry.</param>
    /// <param name="baselines">Before they are deleted.</param>
    /// <param name="isKnown">Whether there is anything about the workload to delete.</param>
    public static StateChange Forget(
        WorkloadKey workload, string uid, IReadOnlyList<QuarantinedDigest> held, IReadOnlyDictionary<ContainerId, Digest> baselines, bool isKnown, string actor, DateTimeOffset at)
    {
        var retried = Retry([.. held.Where(entry => entry.IsFailure)], baselines, actor, at);
        var released = Release([.. held.Where(entry => !entry.IsFailure)], "deleted with state forget", actor, at);
        return new StateChange
        {
            Held = retried.Held,
            Released = [.. retried.Released, .. released.Released],
            Audit = [.. retried.Audit, .. released.Audit, .. isKnown ? (IEnumerable<AuditRecord>)[AuditRecords.Forgotten(workload, uid, at, actor)] : []],
        };
    }

    /// <summary>Retention. While its tag serves it, a digest stays held: forgetting that it failed would roll it out again.</summary>
    /// <param name="old">Those held for longer than the retention.</param>
    /// <param name="served">What the tags serve.</param>
    public static StateChange Expire(IReadOnlyList<QuarantinedDigest> old, IReadOnlySet<(ImageReference Image, Digest Digest)> served, DateTimeOffset at) => Release(
        [.. old.Where(entry => !served.Contains((entry.Image, entry.Digest)))],
        "its retention period is over, and the tag no longer serves it", "retention", at);
}
