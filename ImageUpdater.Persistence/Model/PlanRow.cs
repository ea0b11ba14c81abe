using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

internal sealed class PlanRow
{
    public required string Id { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required string Actor { get; set; }

    public required PlanStatus Status { get; set; }

    /// <summary>Namespaces with commas, which no name of one has; null for all.</summary>
    public string? ScopeNamespace { get; set; }

    /// <summary>Names of <see cref="WorkloadKind"/>, with commas.</summary>
    public required string ScopeKinds { get; set; }

    public int Restart { get; set; }

    public int Adopted { get; set; }

    public int Held { get; set; }

    public int Skipped { get; set; }

    public int Unchanged { get; set; }

    /// <summary>The whole plan as it was shown, in the versioned form that belongs to Reports.</summary>
    public required string Json { get; set; }

    public List<PlanChangeRow> Changes { get; } = [];

    public static PlanRow Of(string id, RolloutPlan plan, string json, string actor)
    {
        var counts = plan.Counts;
        var row = new PlanRow
        {
            Id = id,
            CreatedAt = plan.CreatedAt,
            Actor = actor,
            Status = PlanStatus.Planned,
            ScopeNamespace = plan.Scope.Namespaces is { } namespaces ? string.Join(',', namespaces) : null,
            ScopeKinds = string.Join(',', plan.Scope.Kinds),
            Restart = counts.Restart,
            Adopted = counts.Adopted,
            Held = counts.Held,
            Skipped = counts.Skipped,
            Unchanged = counts.Unchanged,
            Json = json,
        };
        row.Changes.AddRange(
            from workload in plan.Workloads
            from container in workload.Containers
            where container.Action != ContainerAction.NoOp || container.Adopt is not null
            select PlanChangeRow.Of(workload, container));
        return row;
    }

    public StoredPlan ToPlan() => new(ToSummary(), Json);

    public PlanSummary ToSummary() => new(
        Id, CreatedAt, Actor, Status,
        new PlanScope(ScopeNamespace?.Split(','), [.. ScopeKinds.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Names.Parse<WorkloadKind>)]),
        new PlanCounts(Restart, Adopted, Held, Skipped, Unchanged));
}

/// <summary>One container that the plan restarts, holds, skips or adopts. What stays as it is, is in the plan's JSON only.</summary>
internal sealed class PlanChangeRow
{
    public long Id { get; set; }

    public string PlanId { get; set; } = "";

    public required string WorkloadUid { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    public required string Container { get; set; }

    public bool IsInit { get; set; }

    public required string ImageText { get; set; }

    public required ContainerAction Action { get; set; }

    public required DecisionReason Reason { get; set; }

    public Digest? FromDigest { get; set; }

    public Digest? ToDigest { get; set; }

    public required string Explanation { get; set; }

    public bool Adopts { get; set; }

    public static PlanChangeRow Of(WorkloadPlan workload, ContainerDecision container) => new()
    {
        WorkloadUid = workload.Uid,
        Namespace = workload.Key.Namespace,
        Kind = workload.Key.Kind,
        Name = workload.Key.Name,
        Container = container.Container,
        IsInit = container.IsInit,
        ImageText = container.ImageText,
        Action = container.Action,
        Reason = container.Reason,
        FromDigest = container.From,
        ToDigest = container.To,
        Explanation = container.Explanation,
        Adopts = container.Adopt is not null,
    };

    public PlanChange ToChange() => new(
        new WorkloadKey(Namespace, Kind, Name), WorkloadUid, Container, IsInit, ImageText, Action, Reason, FromDigest, ToDigest, Explanation, Adopts);
}
