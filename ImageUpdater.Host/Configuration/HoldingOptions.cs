using ImageUpdater.Core.Planning;

namespace ImageUpdater.Host.Configuration;

internal enum ApprovalDefault
{
    None,
    Required,
}

/// <summary>What makes restarts wait.</summary>
internal sealed class HoldingOptions(OptionSource source)
{
    public WeeklyWindows Window { get; } = source.Read(
        "Window", OptionKinds.Window, "always", "When restarts may begin. The annotation `window` overrules it.");

    public TimeSpan Cooldown { get; } = source.Read(
        "Cooldown", OptionKinds.Duration, "0", "No two restarts of a workload within it. The annotation `cooldown` overrules it.");

    public TimeSpan MinAge { get; } = source.Read(
        "MinAge", OptionKinds.Duration, "0", "A digest must have been served this long. The annotation `min-age` overrules it.");

    public ApprovalDefault Approval { get; } = source.Read(
        "Approval", OptionKinds.Choice<ApprovalDefault>(), nameof(ApprovalDefault.None),
        "With `Required` only digests that `approved-digest` names are rolled out. The annotation `approval` overrules it.");

    public int MaxRollouts { get; } = source.Read("MaxRollouts", OptionKinds.Whole(min: 1, max: 10_000), "5", "Rollouts at once, in the cluster, of those that ImageUpdater began.");

    public int MaxRolloutsPerNamespace { get; } = source.Read(
        "MaxRolloutsPerNamespace", OptionKinds.Whole(min: 1, max: 10_000), "2", "Rollouts at once, in each namespace.");

    public bool QuarantineEverywhere { get; } = source.Read(
        "QuarantineEverywhere", OptionKinds.Flag, "true", "A digest whose rollout to one workload failed is held for the others with the same image, too.");

    public HoldOptions With(TimeSpan rolloutTimeout) => new()
    {
        Window = Window,
        Cooldown = Cooldown,
        MinAge = MinAge,
        ApprovalRequired = Approval == ApprovalDefault.Required,
        MaxRollouts = MaxRollouts,
        MaxRolloutsPerNamespace = MaxRolloutsPerNamespace,
        QuarantineEverywhere = QuarantineEverywhere,
        RolloutTimeout = rolloutTimeout,
    };
}
