using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Applying;

/// <summary>The audit records of applying, in one place for their wording.</summary>
internal static class Records
{
    public static AuditRecord Restarted(Rollout rollout, DateTimeOffset at, bool settled)
    {
        var changes = string.Join("; ", rollout.Changes.Select(change =>
            $"{change.Container} ({change.Image}) {change.From?.Abbreviated ?? "nothing"} -> {change.To.Abbreviated}"));
        var policies = rollout.PullPolicies.Count == 0
            ? ""
            : $"; imagePullPolicy Always for {string.Join(", ", rollout.PullPolicies.Select(policy => $"{policy.Container} (was {policy.Before ?? "unset"})"))}";
        var back = rollout.Changes.Any(change => change.Reason == DecisionReason.RollBack) ? "put back what ran before: " : "";
        var found = settled ? "; its answer was lost, and reading the workload showed that it arrived" : "";
        return Of(rollout, at, AuditAction.Restarted, $"{back}{changes}{policies}{found}") with { Patch = rollout.Patch };
    }

    public static AuditRecord Failed(Rollout rollout, DateTimeOffset at, string reason) =>
        Of(rollout, at, AuditAction.RestartFailed, reason);

    public static AuditRecord Of(Rollout rollout, DateTimeOffset at, AuditAction action, string message) => new(
        at, action, rollout.Workload, rollout.Uid, rollout.Actor, message, Container: null, rollout.PlanId, rollout.Id);

    public static AuditRecord FinalizerRemoved(WorkloadKey workload, string uid, string actor, DateTimeOffset at, string? planId, string patch) => new(
        at, AuditAction.FinalizerRemoved, workload, uid, actor,
        $"{Annotations.LegacyFinalizer}, of the former operator: deletion would hang on it",
        Container: null, planId, RolloutId: null, patch);
}
