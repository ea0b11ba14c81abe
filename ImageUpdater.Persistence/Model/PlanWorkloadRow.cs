using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>
/// A workload with containers that plans restart, hold or skip, or whose finalizer they remove. Consecutive plans of a series that say the same about a
/// workload share one row: in a wave of 400 restarts, each that fails is news, and the next plan differs from the last one in few of its workloads.
/// </summary>
internal sealed class PlanWorkloadRow
{
    public long Id { get; set; }

    public long Series { get; set; }

    /// <summary>The number of the first plan that has this row.</summary>
    public long FromPlan { get; set; }

    /// <summary>The number of the first plan of the series without it; null if the newest one has it.</summary>
    public long? UntilPlan { get; set; }

    public required string WorkloadUid { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    public required string ResourceVersion { get; set; }

    public required string TemplateFingerprint { get; set; }

    public bool IsSelf { get; set; }

    public bool RemoveLegacyFinalizer { get; set; }

    /// <summary>JSON; null if the workload is not restarted.</summary>
    public string? Restart { get; set; }

    /// <summary>JSON array; null for none.</summary>
    public string? Warnings { get; set; }

    public List<PlanContainerRow> Containers { get; } = [];

    public static PlanWorkloadRow Of(WorkloadPlan workload)
    {
        var row = new PlanWorkloadRow
        {
            WorkloadUid = workload.Uid,
            Namespace = workload.Key.Namespace,
            Kind = workload.Key.Kind,
            Name = workload.Key.Name,
            ResourceVersion = workload.ResourceVersion,
            TemplateFingerprint = workload.TemplateFingerprint,
            IsSelf = workload.IsSelf,
            RemoveLegacyFinalizer = workload.RemoveLegacyFinalizer,
            Restart = workload.Restart is null ? null : StoredJson.Write(workload.Restart),
            Warnings = StoredJson.Write(workload.Warnings),
        };
        row.Containers.AddRange(workload.Containers.Select(PlanContainerRow.Of));
        return row;
    }

    /// <summary>Whether the other row says the same.</summary>
    public bool SaysTheSame(PlanWorkloadRow other) => Content == other.Content && InOrder(Containers).SequenceEqual(InOrder(other.Containers));

    public WorkloadPlan ToPlan() => new()
    {
        Key = new WorkloadKey(Namespace, Kind, Name),
        Uid = WorkloadUid,
        ResourceVersion = ResourceVersion,
        TemplateFingerprint = TemplateFingerprint,
        Containers = [.. Containers.OrderBy(container => container.Position).Select(container => container.ToDecision(WorkloadUid))],
        Warnings = StoredJson.ReadTexts(Warnings),
        Restart = Restart is null ? null : StoredJson.ReadRestart(Restart),
        RemoveLegacyFinalizer = RemoveLegacyFinalizer,
        IsSelf = IsSelf,
    };

    private (string, string, WorkloadKind, string, string, string, bool, bool, string?, string?) Content =>
        (WorkloadUid, Namespace, Kind, Name, ResourceVersion, TemplateFingerprint, IsSelf, RemoveLegacyFinalizer, Restart, Warnings);

    private static IEnumerable<object> InOrder(List<PlanContainerRow> containers) => containers.OrderBy(row => row.Position).Select(row => row.Content);
}
