using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Workloads;

/// <summary>A revision that the cluster keeps of a workload: a ReplicaSet of a Deployment, a ControllerRevision of the other kinds.</summary>
/// <param name="RestartedAt">The annotation of its pod template.</param>
/// <param name="LastDigest">Our annotation of the workload when the revision was the current one.</param>
public sealed record RevisionSnapshot(string? RestartedAt, string? LastDigest)
{
    /// <summary>
    /// The digest that the newest rollout of ours brought to a container, if somebody went back to an earlier template since, for example with
    /// <c>kubectl rollout undo</c>, which takes the annotations of a Deployment back, too. Else null.
    /// </summary>
    /// <remarks>
    /// A restart is never earlier than the one before it, so a revision that was restarted later than the current template was replaced by an older one.
    /// </remarks>
    public static Digest? Undone(WorkloadSnapshot workload, IReadOnlyList<RevisionSnapshot> revisions, string container, bool isFirstTracked)
    {
        var current = RestartTime.Read(workload.RestartedAt) ?? DateTimeOffset.MinValue;
        var newest = revisions.Where(revision => revision.LastDigest is not null).MaxBy(revision => RestartTime.Read(revision.RestartedAt));
        return newest is not null && RestartTime.Read(newest.RestartedAt) > current ? LastDigestMap.Parse(newest.LastDigest).For(container, isFirstTracked) : null;
    }
}
