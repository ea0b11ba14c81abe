namespace ImageUpdater.Core.Applying;

/// <summary>How a rollout ended.</summary>
/// <param name="Outcome">In one message.</param>
/// <param name="VerificationMessage">What the pods ran afterwards, or why that can't be told, in one message.</param>
public sealed record RolloutEnd(RolloutState State, DateTimeOffset At, string Outcome, RolloutVerification? Verification = null, string? VerificationMessage = null)
{
    /// <summary>What happens to a rollout that still runs when another restart of ours arrives: nobody can tell any more how it would have ended.</summary>
    public static RolloutEnd Superseded(DateTimeOffset at) => new(RolloutState.Superseded, at, "superseded by another restart before the rollout ended");
}
