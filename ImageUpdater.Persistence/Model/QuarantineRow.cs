using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>A digest whose rollout failed. It outlives the rollout's own row, which has an age.</summary>
internal sealed class QuarantineRow
{
    public required string RolloutId { get; set; }

    public required string Container { get; set; }

    public required string WorkloadUid { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    public required ImageReference Image { get; set; }

    public required Digest Digest { get; set; }

    public Digest? PreviousDigest { get; set; }

    public required string RestartedAt { get; set; }

    public required DateTimeOffset Since { get; set; }

    public required string Why { get; set; }

    public WorkloadKey Workload => new(Namespace, Kind, Name);

    /// <summary>None for a rollout that put a digest back: that it fails, too, says nothing about the digest.</summary>
    public static IEnumerable<QuarantineRow> Of(Rollout rollout, DateTimeOffset since, string why) =>
        from change in rollout.Changes
        where change.Reason != DecisionReason.RollBack
        join baseline in rollout.Baselines on change.Container equals baseline.Id.Container
        select new QuarantineRow
        {
            RolloutId = rollout.Id,
            Container = change.Container,
            WorkloadUid = rollout.Uid,
            Namespace = rollout.Workload.Namespace,
            Kind = rollout.Workload.Kind,
            Name = rollout.Workload.Name,
            Image = baseline.Image,
            Digest = change.To,
            PreviousDigest = change.From,
            RestartedAt = rollout.RestartedAt,
            Since = since,
            Why = why,
        };

    public QuarantinedDigest ToQuarantined() => new(
        new ContainerId(WorkloadUid, Container), Workload, Image, Digest, PreviousDigest, RolloutId, RestartedAt, Since, Why);
}
