using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence;

/// <summary>A plan as it was saved.</summary>
/// <param name="Json">The document as it was shown.</param>
public sealed record StoredPlan(PlanSummary Summary, string Json);

public sealed record PlanSummary(string Id, DateTimeOffset CreatedAt, string Actor, PlanStatus Status, PlanScope Scope, PlanCounts Counts);

/// <summary>Stored by name.</summary>
public enum PlanStatus
{
    /// <summary>Saved, and not acted on yet.</summary>
    Planned,

    Applied,

    /// <summary>The cluster or the registries moved on before it was applied.</summary>
    Stale,

    /// <summary>Somebody decided against it.</summary>
    Discarded,
}

/// <summary>One container that a saved plan restarts, holds, skips or adopts.</summary>
/// <param name="Adopts">The plan records a baseline for it.</param>
public sealed record PlanChange(
    WorkloadKey Workload,
    string Uid,
    string Container,
    bool IsInit,
    string ImageText,
    ContainerAction Action,
    DecisionReason Reason,
    Digest? From,
    Digest? To,
    string Explanation,
    bool Adopts);
