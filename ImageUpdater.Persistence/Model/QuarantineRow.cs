using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>A digest whose rollout failed, ended with a mismatch or was reverted. No foreign key to the rollout, whose row retention may delete earlier.</summary>
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

    public required DecisionReason Reason { get; set; }

    /// <summary>Who asked to roll it out again; null if nobody did.</summary>
    public string? RetryBy { get; set; }

    public static QuarantineRow Of(QuarantinedDigest quarantined) => new()
    {
        RolloutId = quarantined.RolloutId,
        Container = quarantined.Id.Container,
        WorkloadUid = quarantined.Id.WorkloadUid,
        Namespace = quarantined.Workload.Namespace,
        Kind = quarantined.Workload.Kind,
        Name = quarantined.Workload.Name,
        Image = quarantined.Image,
        Digest = quarantined.Digest,
        PreviousDigest = quarantined.Previous,
        RestartedAt = quarantined.RestartedAt,
        Since = quarantined.Since,
        Why = quarantined.Why,
        Reason = quarantined.Reason,
        RetryBy = quarantined.RetryBy,
    };

    public QuarantinedDigest ToQuarantined() => new(
        new ContainerId(WorkloadUid, Container), new WorkloadKey(Namespace, Kind, Name), Image, Digest, PreviousDigest, RolloutId, RestartedAt, Since, Why)
    {
        Reason = Reason,
        RetryBy = RetryBy,
    };
}
