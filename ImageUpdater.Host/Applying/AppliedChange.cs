using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Applying;

/// <param name="Message">The result, for the user.</param>
internal sealed record AppliedChange(WorkloadKey Workload, ApplyOutcome Outcome, string Message, string? RolloutId = null);
