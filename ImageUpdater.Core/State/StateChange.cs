using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;

namespace ImageUpdater.Core.State;

/// <summary>
/// What an action changes in the stored state. A store loads what the rule needs, calls it and saves the result, all in one transaction, and has no
/// rule or message of its own.
/// </summary>
public sealed record StateChange
{
    /// <summary>The rollouts that change, as they are from now on.</summary>
    public IReadOnlyList<Rollout> Rollouts { get; init; } = [];

    /// <summary>Digests that are held from now on, and held ones that change.</summary>
    public IReadOnlyList<QuarantinedDigest> Held { get; init; } = [];

    /// <summary>Digests that are no longer held.</summary>
    public IReadOnlyList<QuarantinedDigest> Released { get; init; } = [];

    public IReadOnlyList<AuditRecord> Audit { get; init; } = [];
}
