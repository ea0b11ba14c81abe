using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Reports;

/// <summary>The words of formatVersion 1, in plans and in audit reports. A word may be added; none changes its meaning or goes.</summary>
internal static class WireNames
{
    public static readonly WireEnum<WorkloadKind> Kinds = new(
        (WorkloadKind.Deployment, "deployment"),
        (WorkloadKind.StatefulSet, "statefulset"),
        (WorkloadKind.DaemonSet, "daemonset"));

    public static readonly WireEnum<ContainerAction> Actions = new(
        (ContainerAction.NoOp, "no-op"),
        (ContainerAction.Skip, "skip"),
        (ContainerAction.Hold, "hold"),
        (ContainerAction.Restart, "restart"));

    public static readonly WireEnum<DecisionReason> Reasons = new(
        (DecisionReason.UpToDate, "up-to-date"),
        (DecisionReason.NotTracked, "not-tracked"),
        (DecisionReason.Pinned, "pinned"),
        (DecisionReason.NeverPulled, "never-pulled"),
        (DecisionReason.FirstSeen, "first-seen"),
        (DecisionReason.NewReference, "new-reference"),
        (DecisionReason.SameManifests, "same-manifests"),
        (DecisionReason.RunningPods, "running-pods"),
        (DecisionReason.DigestChanged, "digest-changed"),
        (DecisionReason.NoBaseline, "no-baseline"),
        (DecisionReason.PinPrevious, "pin-previous"),
        (DecisionReason.PinnedToPrevious, "pinned-to-previous"),
        (DecisionReason.Deleting, "deleting"),
        (DecisionReason.Paused, "paused"),
        (DecisionReason.InvalidAnnotation, "invalid-annotation"),
        (DecisionReason.Quarantined, "quarantined"),
        (DecisionReason.RolloutRunning, "rollout-running"),
        (DecisionReason.ApprovalRequired, "approval-required"),
        (DecisionReason.MinAge, "min-age"),
        (DecisionReason.Cooldown, "cooldown"),
        (DecisionReason.OutsideWindow, "outside-window"),
        (DecisionReason.RolloutLimit, "rollout-limit"),
        (DecisionReason.InvalidImage, "invalid-image"),
        (DecisionReason.RegistryFailed, "registry-failed"),
        (DecisionReason.NotObserved, "not-observed"),
        (DecisionReason.PlatformMissing, "platform-missing"),
        (DecisionReason.Waiting, "waiting"),
        (DecisionReason.PodsNotReplaced, "pods-not-replaced"),
        (DecisionReason.Mismatch, "mismatch"),
        (DecisionReason.Undone, "undone"),
        (DecisionReason.Reverted, "reverted"),
        (DecisionReason.Retry, "retry"),
        (DecisionReason.Flapping, "flapping"),
        (DecisionReason.UpToDateForNow, "up-to-date-for-now"));

    public static readonly WireEnum<BaselineOrigin> Origins = new(
        (BaselineOrigin.RolledOut, "rolled-out"),
        (BaselineOrigin.LastDigest, "last-digest"),
        (BaselineOrigin.RunningPods, "running-pods"),
        (BaselineOrigin.FirstSeen, "first-seen"),
        (BaselineOrigin.SameManifests, "same-manifests"),
        (BaselineOrigin.Undone, "undone"));

    public static readonly WireEnum<RolloutState> States = new(
        (RolloutState.Intended, "intended"),
        (RolloutState.NotApplied, "not-applied"),
        (RolloutState.Running, "running"),
        (RolloutState.Succeeded, "succeeded"),
        (RolloutState.Failed, "failed"),
        (RolloutState.TimedOut, "timed-out"),
        (RolloutState.Superseded, "superseded"),
        (RolloutState.WorkloadGone, "workload-gone"),
        (RolloutState.Mismatch, "mismatch"),
        (RolloutState.Reverted, "reverted"));

    public static readonly WireEnum<RolloutVerification> Verifications = new(
        (RolloutVerification.Verified, "verified"),
        (RolloutVerification.Unverified, "unverified"),
        (RolloutVerification.Mismatch, "mismatch"));

    public static readonly WireEnum<AuditAction> AuditActions = new(
        (AuditAction.Restarted, "restarted"),
        (AuditAction.RestartFailed, "restart-failed"),
        (AuditAction.RolloutSucceeded, "rollout-succeeded"),
        (AuditAction.RolloutFailed, "rollout-failed"),
        (AuditAction.RolloutEnded, "rollout-ended"),
        (AuditAction.FinalizerRemoved, "finalizer-removed"),
        (AuditAction.Adopted, "adopted"),
        (AuditAction.Quarantined, "quarantined"),
        (AuditAction.QuarantineLifted, "quarantine-lifted"),
        (AuditAction.DecisionChanged, "decision-changed"),
        (AuditAction.RolloutMismatch, "rollout-mismatch"),
        (AuditAction.HoldReleased, "hold-released"),
        (AuditAction.RolloutReverted, "rollout-reverted"),
        (AuditAction.RetryRequested, "retry-requested"));

    public static readonly WireEnum<RegistryFailureKind> Failures = new(
        (RegistryFailureKind.Unreachable, "unreachable"),
        (RegistryFailureKind.TimedOut, "timed-out"),
        (RegistryFailureKind.Unauthorized, "unauthorized"),
        (RegistryFailureKind.Forbidden, "forbidden"),
        (RegistryFailureKind.NotFound, "not-found"),
        (RegistryFailureKind.RateLimited, "rate-limited"),
        (RegistryFailureKind.ServerError, "server-error"),
        (RegistryFailureKind.TooLarge, "too-large"),
        (RegistryFailureKind.InvalidAnswer, "invalid-answer"));
}
