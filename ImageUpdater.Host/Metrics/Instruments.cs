using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Applying;

namespace ImageUpdater.Host.Metrics;

/// <summary>What is counted and timed where it happens. While nobody listens (a command), a measurement costs next to nothing.</summary>
internal static class Instruments
{
    public const string MeterName = "ImageUpdater";

    public static readonly IReadOnlyList<string> CycleResults = ["success", "failure"];
    public static readonly IReadOnlyList<string> EventResults = ["sent", "dropped", "failed"];

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Cycles = Counter(MetricCatalog.Cycles);
    private static readonly Histogram<double> CycleDuration = Histogram(MetricCatalog.CycleDuration);
    private static readonly Counter<long> RegistryRequests = Counter(MetricCatalog.RegistryRequests);
    private static readonly Histogram<double> RegistryRequestDuration = Histogram(MetricCatalog.RegistryRequestDuration);
    private static readonly Counter<long> PlanChanges = Counter(MetricCatalog.PlanChanges);
    private static readonly Counter<long> AppliedChanges = Counter(MetricCatalog.AppliedChanges);
    private static readonly Counter<long> ConflictRetries = Counter(MetricCatalog.ConflictRetries);
    private static readonly Counter<long> Rollouts = Counter(MetricCatalog.Rollouts);
    private static readonly Histogram<double> RolloutDuration = Histogram(MetricCatalog.RolloutDuration);
    private static readonly Counter<long> AuditRecords = Counter(MetricCatalog.AuditRecords);
    private static readonly Counter<long> Events = Counter(MetricCatalog.Events);

    public static void CycleEnded(bool isSuccess, TimeSpan took)
    {
        Cycles.Add(1, new TagList { { "result", isSuccess ? "success" : "failure" } });
        CycleDuration.Record(took.TotalSeconds);
    }

    public static void RegistryAnswered(string registry, int status, TimeSpan took) =>
        RegistryRequest(registry, status.ToString(CultureInfo.InvariantCulture), took);

    /// <param name="silence"><c>timeout</c> or <c>unreachable</c>.</param>
    public static void RegistrySilent(string registry, string silence, TimeSpan took) => RegistryRequest(registry, silence, took);

    public static void PlanChanged(ContainerAction action, DecisionReason reason, long by = 1) =>
        PlanChanges.Add(by, new TagList { { "action", LabelValues.Of(action) }, { "reason", LabelValues.Of(reason) } });

    public static void ChangeApplied(WorkloadKind kind, ApplyOutcome outcome, long by = 1) =>
        AppliedChanges.Add(by, new TagList { { "kind", LabelValues.Of(kind) }, { "outcome", LabelValues.Of(outcome) } });

    public static void Conflicted(long by = 1) => ConflictRetries.Add(by);

    public static void RolloutEnded(WorkloadKind kind, RolloutState outcome, TimeSpan took)
    {
        var tags = RolloutTags(kind, outcome);
        Rollouts.Add(1, tags);
        RolloutDuration.Record(took.TotalSeconds, tags);
    }

    public static void Audited(AuditAction action, long by = 1) => AuditRecords.Add(by, new TagList { { "action", LabelValues.Of(action) } });

    /// <param name="result"><c>sent</c>, <c>dropped</c> or <c>failed</c>.</param>
    public static void EventEnded(string result, long by = 1) => Events.Add(by, new TagList { { "result", result } });

    /// <summary>Counters with known labels begin at 0: from nothing to 1 is no increase that Prometheus would see.</summary>
    public static void Seed()
    {
        foreach (var result in CycleResults)
            Cycles.Add(0, new TagList { { "result", result } });
        foreach (var result in EventResults)
            EventEnded(result, by: 0);
        foreach (var action in Enum.GetValues<AuditAction>())
            Audited(action, by: 0);
        foreach (var reason in Enum.GetValues<DecisionReason>())
            PlanChanged(LabelValues.ActionOf(reason), reason, by: 0);
        Conflicted(by: 0);
        foreach (var kind in Enum.GetValues<WorkloadKind>())
        {
            foreach (var outcome in Enum.GetValues<ApplyOutcome>())
                ChangeApplied(kind, outcome, by: 0);
            foreach (var outcome in LabelValues.Ends)
                Rollouts.Add(0, RolloutTags(kind, outcome));
        }
    }

    private static void RegistryRequest(string registry, string code, TimeSpan took)
    {
        RegistryRequests.Add(1, new TagList { { "registry", registry }, { "code", code } });
        RegistryRequestDuration.Record(took.TotalSeconds, new TagList { { "registry", registry } });
    }

    private static TagList RolloutTags(WorkloadKind kind, RolloutState outcome) =>
        new() { { "kind", LabelValues.Of(kind) }, { "outcome", LabelValues.Of(outcome) } };

    private static Counter<long> Counter(Metric metric) => Meter.CreateCounter<long>(metric.Name, metric.InstrumentUnit, metric.Help);

    private static Histogram<double> Histogram(Metric metric) => Meter.CreateHistogram(
        metric.Name, metric.InstrumentUnit, metric.Help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = metric.Buckets });
}
