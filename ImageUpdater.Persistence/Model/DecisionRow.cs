using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence.Model;

/// <summary>The last decision about a container.</summary>
internal sealed class DecisionRow
{
    public required string WorkloadUid { get; set; }

    public required string Container { get; set; }

    public required string ImageText { get; set; }

    public required ContainerAction Action { get; set; }

    public required DecisionReason Reason { get; set; }

    public required string Explanation { get; set; }

    public Digest? FromDigest { get; set; }

    public Digest? ToDigest { get; set; }

    public required DateTimeOffset Since { get; set; }

    public WorkloadRow? Workload { get; set; }

    public ContainerId ContainerId => new(WorkloadUid, Container);

    public static DecisionRow Of(LastDecision decision) => new()
    {
        WorkloadUid = decision.Id.WorkloadUid,
        Container = decision.Id.Container,
        ImageText = decision.ImageText,
        Action = decision.Action,
        Reason = decision.Reason,
        Explanation = decision.Explanation,
        FromDigest = decision.From,
        ToDigest = decision.To,
        Since = decision.Since,
    };

    public LastDecision ToDecision() =>
        new(ContainerId, Workload!.Key, ImageText, Action, Reason, Explanation, FromDigest, ToDigest, Since);
}
