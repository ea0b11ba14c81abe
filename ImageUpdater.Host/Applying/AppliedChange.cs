using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Applying;

/// <param name="Sentence">What happened, for a person.</param>
internal sealed record AppliedChange(WorkloadKey Workload, ApplyOutcome Outcome, string Sentence, string? RolloutId = null);
