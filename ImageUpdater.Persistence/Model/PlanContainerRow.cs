using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence.Model;

/// <summary>A container that plans restart, hold or skip.</summary>
internal sealed class PlanContainerRow
{
    public long PlanWorkloadId { get; set; }

    /// <summary>Position in the workload, from 0.</summary>
    public required int Position { get; set; }

    public required string Container { get; set; }

    public bool IsInit { get; set; }

    public required string ImageText { get; set; }

    public ImageReference? Image { get; set; }

    public required ContainerAction Action { get; set; }

    public required DecisionReason Reason { get; set; }

    public required string Explanation { get; set; }

    public Digest? FromDigest { get; set; }

    public Digest? ToDigest { get; set; }

    public string? ImageAfter { get; set; }

    /// <summary>JSON; null for none.</summary>
    public string? Holds { get; set; }

    /// <summary>The adopted baseline, as JSON; null for none.</summary>
    public string? Adopted { get; set; }

    /// <summary>All columns but the key of the workload, for comparison.</summary>
    public object Content =>
        (Position, Container, IsInit, ImageText, Image, Action, Reason, Explanation, FromDigest, ToDigest, ImageAfter, Holds, Adopted);

    public static PlanContainerRow Of(ContainerDecision container, int position) => new()
    {
        Position = position,
        Container = container.Container,
        IsInit = container.IsInit,
        ImageText = container.ImageText,
        Image = container.Image,
        Action = container.Action,
        Reason = container.Reason,
        Explanation = container.Explanation,
        FromDigest = container.From,
        ToDigest = container.To,
        ImageAfter = container.ImageAfter,
        Holds = container.Holds.Count == 0 ? null : StoredJson.Write(container.Holds),
        Adopted = container.Adopt is null ? null : StoredJson.Write([container.Adopt]),
    };

    public ContainerDecision ToDecision(string uid) => new(
        Container, IsInit, ImageText, Image, Action, Reason, Explanation, FromDigest, ToDigest,
        Adopted is null ? null : StoredJson.ReadBaselines(Adopted, uid)[0])
    {
        Holds = Holds is null ? [] : StoredJson.ReadHolds(Holds),
        ImageAfter = ImageAfter,
    };
}
