using ImageUpdater.Host.Planning;

namespace ImageUpdater.Host.Applying;

/// <summary>A plan, and what became of its changes.</summary>
internal sealed record AppliedPlan(MadePlan Made, IReadOnlyList<AppliedChange> Changes);
