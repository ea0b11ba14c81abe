using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence;

/// <summary>A plan as it was saved.</summary>
/// <param name="Plan">What was <see cref="RolloutPlan.Kept"/> of it.</param>
public sealed record StoredPlan(PlanSummary Summary, RolloutPlan Plan);

public sealed record PlanSummary(string Id, DateTimeOffset CreatedAt, string Actor, PlanStatus Status, PlanScope Scope, PlanCounts Counts);

/// <summary>Stored by name.</summary>
public enum PlanStatus
{
    /// <summary>Saved, and not acted on yet.</summary>
    Planned,

    Applied,

    /// <summary>The cluster or the registries moved on before it was applied.</summary>
    Stale,

    /// <summary>Discarded by a user.</summary>
    Discarded,
}
