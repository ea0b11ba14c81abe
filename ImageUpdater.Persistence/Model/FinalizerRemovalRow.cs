using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence.Model;

/// <summary>The intent of a finalizer removal. Deleted once the outcome is known and in the audit.</summary>
internal sealed class FinalizerRemovalRow
{
    public required string WorkloadUid { get; set; }

    public required string Namespace { get; set; }

    public required WorkloadKind Kind { get; set; }

    public required string Name { get; set; }

    public required string Actor { get; set; }

    public string? PlanId { get; set; }

    public required DateTimeOffset Since { get; set; }

    public required string Patch { get; set; }

    public static FinalizerRemovalRow Of(FinalizerRemoval removal) => new()
    {
        WorkloadUid = removal.Uid,
        Namespace = removal.Workload.Namespace,
        Kind = removal.Workload.Kind,
        Name = removal.Workload.Name,
        Actor = removal.Actor,
        PlanId = removal.PlanId,
        Since = removal.Since,
        Patch = removal.Patch,
    };

    public FinalizerRemoval ToRemoval() => new(new WorkloadKey(Namespace, Kind, Name), WorkloadUid, Actor, PlanId, Since, Patch);
}
