using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Applying;

/// <summary>One restart of one workload, from the intent, which is stored before the patch is sent, to its end.</summary>
public sealed record Rollout
{
    public required string Id { get; init; }

    public required WorkloadKey Workload { get; init; }

    public required string Uid { get; init; }

    public string? PlanId { get; init; }

    /// <summary>The controller, or the user who ran <c>apply</c>.</summary>
    public required string Actor { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>As written into the template; shows whether the patch was applied.</summary>
    public required string RestartedAt { get; init; }

    public required string LastDigest { get; init; }

    /// <summary>The annotation before the patch; null where there was none.</summary>
    public string? PreviousLastDigest { get; init; }

    /// <summary>The template's restartedAt before the patch; null where there was none.</summary>
    public string? PreviousRestartedAt { get; init; }

    public required string Patch { get; init; }

    public required string ResourceVersionBefore { get; init; }

    public string? ResourceVersionAfter { get; init; }

    /// <summary>The containers that the restart is for.</summary>
    public required IReadOnlyList<DigestChange> Changes { get; init; }

    /// <summary>Baselines of all tracked containers once the patch has arrived.</summary>
    public required IReadOnlyList<Baseline> Baselines { get; init; }

    public required IReadOnlyList<PullPolicyChange> PullPolicies { get; init; }

    public RolloutState State { get; init; } = RolloutState.Intended;

    /// <summary>How far it has come; null before its workload was read for the first time.</summary>
    public RolloutPace? Pace { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How it ended, in one message.</summary>
    public string? Outcome { get; init; }

    public RolloutVerification? Verification { get; init; }

    /// <summary>What the pods ran afterwards, or why that is not known, in one message.</summary>
    public string? VerificationMessage { get; init; }
}

public sealed record DigestChange(string Container, bool IsInit, string Image, Digest? From, Digest To, DecisionReason Reason);

/// <summary>Stored by name.</summary>
public enum RolloutState
{
    /// <summary>Stored; whether the patch was applied is not known yet.</summary>
    Intended,

    /// <summary>The patch was not applied; nothing was restarted.</summary>
    NotApplied,

    /// <summary>The patch arrived and Kubernetes rolls out.</summary>
    Running,

    Succeeded,
    Failed,
    TimedOut,

    /// <summary>Another change of the workload superseded it before it ended.</summary>
    Superseded,

    /// <summary>The workload was deleted before it ended.</summary>
    WorkloadGone,

    /// <summary>Kubernetes has rolled out, but pods that were created after the restart run another digest.</summary>
    Mismatch,

    /// <summary>Somebody reverted the restart, during the rollout or after it, and the pods do not run the digest.</summary>
    Reverted,
}

/// <summary>Whether the new pods run the digest that they were restarted for. Stored by name.</summary>
public enum RolloutVerification
{
    Verified,
    Unverified,
    Mismatch,
}
