using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence.Model;

internal sealed class BaselineRow
{
    public required string WorkloadUid { get; set; }

    public required string Container { get; set; }

    public required ImageReference Image { get; set; }

    public required Digest Digest { get; set; }

    public required BaselineOrigin Origin { get; set; }

    public required DateTimeOffset Since { get; set; }

    public bool IsUnverified { get; set; }

    public WorkloadRow? Workload { get; set; }

    public ContainerId ContainerId => new(WorkloadUid, Container);

    public static BaselineRow Of(Baseline baseline) => new()
    {
        WorkloadUid = baseline.Id.WorkloadUid,
        Container = baseline.Id.Container,
        Image = baseline.Image,
        Digest = baseline.Digest,
        Origin = baseline.Origin,
        Since = baseline.Since,
        IsUnverified = baseline.IsUnverified,
    };

    public Baseline ToBaseline() => new(ContainerId, Image, Digest, Origin, Since) { IsUnverified = IsUnverified };
}
