using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence;

/// <summary>A stored plan.</summary>
/// <param name="Plan">The plan, reduced to <see cref="RolloutPlan.Kept"/>.</param>
public sealed record StoredPlan(PlanSummary Summary, RolloutPlan Plan);

public sealed record PlanSummary(string Id, DateTimeOffset CreatedAt, string Actor, PlanStatus Status, PlanScope Scope, PlanCounts Counts);

/// <summary>Stored by name.</summary>
public enum PlanStatus
{
    /// <summary>Saved, but not applied yet.</summary>
    Planned,

    Applied,

    /// <summary>The cluster or a registry changed before the plan was applied.</summary>
    Stale,

    /// <summary>Discarded by a user.</summary>
    Discarded,
}
