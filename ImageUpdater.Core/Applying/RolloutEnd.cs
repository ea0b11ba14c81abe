namespace ImageUpdater.Core.Applying;

/// <summary>How a rollout ended.</summary>
/// <param name="Outcome">In one message.</param>
/// <param name="VerificationMessage">What the pods ran afterwards, or why that is not known, in one message.</param>
/// <param name="Containers">The containers that do not run their digest; null if all containers of the rollout are affected alike.</param>
public sealed record RolloutEnd(
    RolloutState State, DateTimeOffset At, string Outcome, RolloutVerification? Verification = null, string? VerificationMessage = null, IReadOnlyList<string>? Containers = null)
{
    /// <summary>The end of a running rollout when another restart of ours is applied: how it would have ended is no longer known.</summary>
    public static RolloutEnd Superseded(DateTimeOffset at) => new(RolloutState.Superseded, at, "superseded by another restart before the rollout ended");
}
