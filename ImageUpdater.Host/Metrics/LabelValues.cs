using System.Text.Json;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Metrics;

/// <summary>Enum values as label values, spelled as in the JSON formats. Computed once, since every cycle uses them.</summary>
internal static class LabelValues
{
    private static readonly Dictionary<Enum, string> Names = Make(
        Enum.GetValues<ContainerAction>(), Enum.GetValues<DecisionReason>(), Enum.GetValues<ApplyOutcome>(), Enum.GetValues<RolloutState>(), Enum.GetValues<AuditAction>(),
        Enum.GetValues<BackgroundLoop>());

    public const string Success = "success";
    public const string Failure = "failure";

    public static readonly IReadOnlyList<string> CycleResults = [Success, Failure];
    public static readonly IReadOnlyList<string> EventResults = ["sent", "dropped", "failed", "too-old"];

    /// <summary>In the order of <c>GCMemoryInfo.GenerationInfo</c>. The large and pinned object heaps are collected with generation 2.</summary>
    public static readonly IReadOnlyList<string> Generations = ["gen0", "gen1", "gen2", "loh", "poh"];

    public static readonly IReadOnlyList<DecisionReason> HoldReasons =
    [
        DecisionReason.Deleting, DecisionReason.Paused, DecisionReason.InvalidAnnotation, DecisionReason.Quarantined, DecisionReason.PinnedToPrevious,
        DecisionReason.RolloutRunning, DecisionReason.ApprovalRequired, DecisionReason.MinAge, DecisionReason.Cooldown,
        DecisionReason.OutsideWindow, DecisionReason.RolloutLimit, DecisionReason.Mismatch, DecisionReason.Reverted, DecisionReason.Flapping,
    ];

    public static readonly IReadOnlyList<DecisionReason> SkipReasons =
        [DecisionReason.InvalidImage, DecisionReason.RegistryFailed, DecisionReason.NotObserved, DecisionReason.PlatformMissing];

    public static readonly IReadOnlyList<DecisionReason> RestartReasons = [DecisionReason.DigestChanged, DecisionReason.NoBaseline, DecisionReason.PinPrevious, DecisionReason.Retry];

    public static readonly IReadOnlyList<RolloutState> Ends =
        [RolloutState.Succeeded, RolloutState.Failed, RolloutState.TimedOut, RolloutState.Superseded, RolloutState.WorkloadGone, RolloutState.Mismatch, RolloutState.Reverted];

    public static IEnumerable<(string Label, IEnumerable<string> Values)> Known =>
    [
        ("`kind`", Enum.GetValues<WorkloadKind>().Select(Of)),
        ("`action` of decisions", Enum.GetValues<ContainerAction>().Select(action => Of(action))),
        ("`reason`", Enum.GetValues<DecisionReason>().Select(reason => Of(reason))),
        ("`reason` of restarts", RestartReasons.Select(reason => Of(reason))),
        ("`reason` of holds", HoldReasons.Select(reason => Of(reason))),
        ("`reason` of skips", SkipReasons.Select(reason => Of(reason))),
        ("`outcome` of applied changes", Enum.GetValues<ApplyOutcome>().Select(outcome => Of(outcome))),
        ("`outcome` of rollouts", Ends.Select(state => Of(state))),
        ("`action` of audit records", Enum.GetValues<AuditAction>().Select(action => Of(action))),
        ("`result` of cycles", CycleResults),
        ("`loop`", Enum.GetValues<BackgroundLoop>().Select(loop => Of(loop))),
        ("`result` of events", EventResults),
        ("`code`", ["100 to 599", "timeout", "unreachable"]),
        ("`generation`", Generations),
    ];

    /// <summary>Each reason belongs to exactly one action.</summary>
    public static ContainerAction ActionOf(DecisionReason reason) =>
        HoldReasons.Contains(reason) ? ContainerAction.Hold
        : SkipReasons.Contains(reason) ? ContainerAction.Skip
        : RestartReasons.Contains(reason) ? ContainerAction.Restart
        : ContainerAction.NoOp;

    public static string Of(WorkloadKind kind) => WorkloadKey.KindName(kind);

    public static string Of(Enum value) => Names[value];

    private static Dictionary<Enum, string> Make(params Array[] enums) => enums
        .SelectMany(values => values.Cast<Enum>())
        .ToDictionary(value => value, value => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()));
}
