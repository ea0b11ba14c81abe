using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Applying;

/// <summary>The audit records of applying, in one place for their wording.</summary>
internal static class Records
{
    private const string Found = "; its answer was lost, and reading the workload showed that it arrived";

    public static AuditRecord Restarted(Rollout rollout, DateTimeOffset at, bool settled)
    {
        var changes = string.Join("; ", rollout.Changes.Select(change =>
            $"{change.Container} ({change.Image}) {change.From?.Abbreviated ?? "nothing"} -> {change.To.Abbreviated}"));
        var policies = rollout.PullPolicies.Count == 0
            ? ""
            : $"; imagePullPolicy Always for {string.Join(", ", rollout.PullPolicies.Select(policy => $"{policy.Container} (was {policy.Before ?? "unset"})"))}";
        var back = rollout.Changes.Any(change => change.Reason == DecisionReason.RollBack) ? "put back what ran before: " : "";
        return Of(rollout, at, AuditAction.Restarted, $"{back}{changes}{policies}{(settled ? Found : "")}") with { Patch = rollout.Patch };
    }

    public static AuditRecord Failed(Rollout rollout, DateTimeOffset at, string reason) =>
        Of(rollout, at, AuditAction.RestartFailed, reason);

    public static AuditRecord Of(Rollout rollout, DateTimeOffset at, AuditAction action, string message) => new(
        at, action, rollout.Workload, rollout.Uid, rollout.Actor, message, Container: null, rollout.PlanId, rollout.Id);

    public static AuditRecord FinalizerRemoved(FinalizerRemoval removal, DateTimeOffset at, bool settled) => new(
        at, AuditAction.FinalizerRemoved, removal.Workload, removal.Uid, removal.Actor,
        $"{Annotations.LegacyFinalizer}, of the former operator: deletion would hang on it{(settled ? Found : "")}",
        Container: null, removal.PlanId, RolloutId: null, removal.Patch);
}
