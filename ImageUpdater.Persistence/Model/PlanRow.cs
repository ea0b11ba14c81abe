using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

internal sealed class PlanRow
{
    /// <summary>Assigned by the database, in the order in which plans are stored. Never used twice.</summary>
    public long Number { get; set; }

    public required string Id { get; set; }

    /// <summary>The number of the first of the stored plans with the same scope: they share rows of workloads (<see cref="PlanWorkloadRow"/>).</summary>
    public long Series { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public required string Actor { get; set; }

    public required PlanStatus Status { get; set; }

    /// <summary>Namespaces, separated by commas; null for all.</summary>
    public string? ScopeNamespace { get; set; }

    /// <summary>Names of <see cref="WorkloadKind"/>, separated by commas.</summary>
    public required string ScopeKinds { get; set; }

    public int Restart { get; set; }

    public int Queued { get; set; }

    public int Adopted { get; set; }

    public int Held { get; set; }

    public int Skipped { get; set; }

    public int Unchanged { get; set; }

    public int ImageCount { get; set; }

    /// <summary>JSON array; null for none.</summary>
    public string? Warnings { get; set; }

    public static PlanRow Of(string id, RolloutPlan plan, string actor)
    {
        var counts = plan.Counts;
        return new()
        {
            Id = id,
            CreatedAt = plan.CreatedAt,
            Actor = actor,
            Status = PlanStatus.Planned,
            ScopeNamespace = Namespaces(plan.Scope),
            ScopeKinds = Kinds(plan.Scope),
            Restart = counts.Restart,
            Queued = counts.Queued,
            Adopted = counts.Adopted,
            Held = counts.Held,
            Skipped = counts.Skipped,
            Unchanged = counts.Unchanged,
            ImageCount = plan.ImageCount,
            Warnings = StoredJson.Write(plan.Warnings),
        };
    }

    public static string? Namespaces(PlanScope scope) => scope.Namespaces is { } namespaces ? string.Join(',', namespaces) : null;

    public static string Kinds(PlanScope scope) => string.Join(',', scope.Kinds);

    /// <param name="workloads">The rows of the workloads that the plan has.</param>
    public StoredPlan ToPlan(IEnumerable<PlanWorkloadRow> workloads) => UnreadableRecordException.Reading($"plan {Id}", () => Read(workloads));

    private StoredPlan Read(IEnumerable<PlanWorkloadRow> workloads)
    {
        var summary = ToSummary();
        var planned = workloads.Select(workload => workload.ToPlan()).ToList();
        planned.Sort(RolloutPlan.InOrder);
        return new StoredPlan(summary, new RolloutPlan
        {
            CreatedAt = CreatedAt,
            Scope = summary.Scope,
            Workloads = planned,
            Warnings = StoredJson.ReadTexts(Warnings),
            ImageCount = ImageCount,
            CountsOfAll = summary.Counts,
        });
    }

    public PlanSummary ToSummary() => new(
        Id, CreatedAt, Actor, Status,
        new PlanScope(ScopeNamespace?.Split(','), [.. ScopeKinds.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Names.Parse<WorkloadKind>)]),
        new PlanCounts(Restart, Queued, Adopted, Held, Skipped, Unchanged));
}
