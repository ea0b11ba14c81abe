namespace ImageUpdater.Core.Planning;

/// <summary>What holds restarts where a workload's own annotations say nothing, and what holds them across workloads.</summary>
public sealed record HoldOptions
{
    public WeeklyWindows Window { get; init; } = WeeklyWindows.Always;

    /// <summary>Between two restarts of a workload, whoever made the first.</summary>
    public TimeSpan Cooldown { get; init; }

    /// <summary>How long a digest must have been served.</summary>
    public TimeSpan MinAge { get; init; }

    public bool ApprovalRequired { get; init; }

    /// <summary>Rollouts at once, in the cluster.</summary>
    public int MaxRollouts { get; init; } = 5;

    /// <summary>Rollouts at once, in each namespace.</summary>
    public int MaxRolloutsPerNamespace { get; init; } = 2;

    /// <summary>A digest whose rollout failed is held for the other workloads with the same image, too.</summary>
    public bool QuarantineEverywhere { get; init; } = true;

    /// <summary>A rollout that takes longer is no reason to wait any more.</summary>
    public TimeSpan RolloutTimeout { get; init; } = TimeSpan.FromMinutes(15);
}
