using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>A workload with containers that the plan restarts, holds or skips, or whose finalizer it removes.</summary>
internal sealed class PlanWorkloadRow
{
    public string PlanId { get; set; } = "";

    /// <summary>Position in the plan, from 0.</summary>
    public required int Position { get; set; }

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

    public static PlanWorkloadRow Of(WorkloadPlan workload, int position)
    {
        var row = new PlanWorkloadRow
        {
            Position = position,
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
}
