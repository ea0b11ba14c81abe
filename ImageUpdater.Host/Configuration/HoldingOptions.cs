using ImageUpdater.Core.Planning;

namespace ImageUpdater.Host.Configuration;

internal enum ApprovalDefault
{
    None,
    Required,
}

/// <summary>Options that hold restarts.</summary>
internal sealed class HoldingOptions(OptionSource source)
{
    public WeeklyWindows Window { get; } = source.Read(
        "Window", OptionKinds.Window, "always", "When restarts may start. The annotation `window` overrides it.");

    public TimeSpan Cooldown { get; } = source.Read(
        "Cooldown", OptionKinds.Duration, "0", "Minimum time between two restarts of a workload. The annotation `cooldown` overrides it.");

    public TimeSpan MinAge { get; } = source.Read(
        "MinAge", OptionKinds.Duration, "0", "Minimum time a digest must have been served before it is rolled out. The annotation `min-age` overrides it.");

    public ApprovalDefault Approval { get; } = source.Read(
        "Approval", OptionKinds.Choice<ApprovalDefault>(), nameof(ApprovalDefault.None),
        "With `Required`, only digests in the annotation `approved-digest` are rolled out. The annotation `approval` overrides it.");

    public int MaxRollouts { get; } = source.Read("MaxRollouts", OptionKinds.Whole(min: 1, max: 10_000), "5", "Maximum number of concurrent rollouts in the cluster, counting those that ImageUpdater started.");

    public int MaxRolloutsPerNamespace { get; } = source.Read(
        "MaxRolloutsPerNamespace", OptionKinds.Whole(min: 1, max: 10_000), "2", "Maximum number of concurrent rollouts in a namespace.");

    public QuarantineScope Quarantine { get; } = source.Read(
        "Quarantine", OptionKinds.Choice<QuarantineScope>(), nameof(QuarantineScope.Cluster),
        "For whom a digest is held after a failed rollout: the workload only, or also others with the same image in its namespace or in the cluster, while no rollout of the digest there was verified.");

    public TimeSpan FlapStabilization { get; } = source.Read(
        "FlapStabilization", OptionKinds.Duration, "15m",
        "How long a flapping tag (three returns to an earlier digest within 30 minutes) must serve the same digest without interruption before it is rolled out.");

    public HoldOptions With(TimeSpan rolloutTimeout) => new()
    {
        Window = Window,
        Cooldown = Cooldown,
        MinAge = MinAge,
        ApprovalRequired = Approval == ApprovalDefault.Required,
        MaxRollouts = MaxRollouts,
        MaxRolloutsPerNamespace = MaxRolloutsPerNamespace,
        Quarantine = Quarantine,
        FlapStabilization = FlapStabilization,
        RolloutTimeout = rolloutTimeout,
    };
}
