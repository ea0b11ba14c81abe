using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <summary>
/// All that is measured, one field a metric, in the order of docs/metrics.md, which is made from them. What happens is counted and timed where
/// it happens; what is so, is read at each scrape. Nobody outside of this folder knows prometheus-net.
/// </summary>
internal sealed partial class Instruments(MetricRegistry metrics) : IDisposable
{
    private readonly Gauge buildInfo = metrics.Gauge("image_updater_build_info", "1", "Always 1; what runs is in the labels.", "version", "revision", "runtime");

    private readonly Gauge ready = metrics.Gauge(
        "image_updater_ready", "0 or 1",
        "1 when the newest cycle that has ended was carried through, 0 before the first. /readyz asks the state store and the background work besides, and in the first cycle only for its observation.");

    private readonly Counter cycles = metrics.Counter(
        "image_updater_cycles_total", "cycles",
        "Cycles (observe, plan, apply) that ended, by result: success, or failure where the cluster, the state store or the program failed.",
        ["result"], LabelValues.CycleResults.Select(Alone));

    private readonly Histogram cycleDuration = metrics.Seconds(
        "image_updater_cycle_duration_seconds", "How long a cycle took, whatever its result.", [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]);

    private readonly Gauge cycleLastSuccess = metrics.Gauge(
        "image_updater_cycle_last_success_timestamp_seconds", "seconds since 1970", "When a cycle last ended with success; 0 before the first.");

    private readonly Gauge checkInterval = metrics.Gauge(
        "image_updater_check_interval_seconds", "seconds", "The option CheckInterval: a cycle begins at least this often.");

    private readonly Counter backgroundFailures = metrics.Counter(
        "image_updater_background_failures_total", "failures",
        "Runs of the work beside the cycles that a bug of the program ended, by loop: tracking of rollouts, retention, or the sending of events. The log says where.",
        ["loop"], Enum.GetValues<BackgroundLoop>().Select(loop => Alone(LabelValues.Of(loop))));

    private readonly Gauge workloads = metrics.Gauge("image_updater_workloads", "workloads", "Enabled workloads in the newest plan, by kind.", "kind");

    private readonly RegistryGauge imagesTracked = new(metrics.Gauge(
        "image_updater_images_tracked", "images", "Distinct images that workloads use, by registry, in the newest cycle.", "registry"));

    private readonly RegistryGauge imagesFailing = new(metrics.Gauge("image_updater_images_failing", "images", "Of these, images whose last check failed.", "registry"));

    private readonly RegistryGauge observationLastSuccess = new(metrics.Gauge(
        "image_updater_observation_last_success_timestamp_seconds", "seconds since 1970",
        "When a check of an image last succeeded, by registry that is in use; 0 when none is known to have.", "registry"));

    private readonly RegistrySeries<Counter.Child> registryRequests = new(metrics.Counter(
        "image_updater_registry_requests_total", "requests",
        "HTTP requests to registries and mirrors, token servers and redirects included, by the answer's status code, timeout, or unreachable; an answer that breaks off counts as both.",
        ["registry", "code"], known: []));

    private readonly RegistrySeries<Histogram.Child> registryRequestDuration = new(metrics.Seconds(
        "image_updater_registry_request_duration_seconds", "Time until a registry's answer began, or the request was given up.",
        [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30], "registry"));

    private readonly RegistryGauge registryRateLimit = new(metrics.Gauge(
        "image_updater_registry_rate_limit", "pulls", "The pulls that the registry allows in its window, where it says so.", "registry"));

    private readonly RegistryGauge registryRateLimitRemaining = new(metrics.Gauge(
        "image_updater_registry_rate_limit_remaining", "pulls", "The pulls left in the registry's window when it last said so.", "registry"));

    private readonly RegistryGauge registryBackoffUntil = new(metrics.Gauge(
        "image_updater_registry_backoff_until_timestamp_seconds", "seconds since 1970",
        "Until when the registry is left alone because it asked for that; 0 when it is not.", "registry"));

    private readonly Counter planChanges = metrics.Counter(
        "image_updater_plan_changes_total", "containers",
        "Containers about which a plan decided otherwise than the plan before it, by the new action and reason.",
        ["action", "reason"], Enum.GetValues<DecisionReason>().Select(reason => Pair(LabelValues.Of(LabelValues.ActionOf(reason)), LabelValues.Of(reason))));

    private readonly Gauge holds = metrics.Gauge("image_updater_holds", "containers", "Containers that the newest plan holds, by reason.", "reason");

    private readonly Gauge skips = metrics.Gauge("image_updater_skips", "containers", "Containers that the newest plan skips, by reason.", "reason");

    private readonly Counter appliedChanges = metrics.Counter(
        "image_updater_applied_changes_total", "changes",
        "Changes of plans that were tried, by what became of them; unknown until the workload can be read.", ["kind", "outcome"], OfEachKind(Enum.GetValues<ApplyOutcome>()));

    private readonly Counter conflictRetries = metrics.Counter(
        "image_updater_conflict_retries_total", "patches", "Patches that were planned and sent again because the workload had changed meanwhile.");

    private readonly Counter rollouts = metrics.Counter(
        "image_updater_rollouts_total", "rollouts", "Rollouts that ended, by outcome: succeeded, failed, timed-out, superseded, workload-gone.",
        ["kind", "outcome"], OfEachKind(LabelValues.Ends));

    private readonly Histogram rolloutDuration = metrics.Seconds(
        "image_updater_rollout_duration_seconds", "From the restart to the end of its rollout.", [5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600], "kind", "outcome");

    private readonly Gauge rolloutsRunning = metrics.Gauge("image_updater_rollouts_running", "rollouts", "Rollouts that are followed now.");

    private readonly Counter auditRecords = metrics.Counter(
        "image_updater_audit_records_total", "records", "Audit records that this process wrote, by action.",
        ["action"], Enum.GetValues<AuditAction>().Select(action => Alone(LabelValues.Of(action))));

    private readonly Counter events = metrics.Counter(
        "image_updater_events_total", "events", "Kubernetes Events about workloads: sent, dropped to spare the cluster or at the end of the process, or failed.",
        ["result"], LabelValues.EventResults.Select(Alone));

    private readonly Gauge storeSize = metrics.Gauge("image_updater_store_size_bytes", "bytes", "Size of the state store's file and its write-ahead log.");

    private readonly Gauge storeVolumeSize = metrics.Gauge("image_updater_store_volume_size_bytes", "bytes", "Size of the volume that the state store is on.");

    private readonly Gauge storeVolumeAvailable = metrics.Gauge(
        "image_updater_store_volume_available_bytes", "bytes", "Room left on the volume that the state store is on.");

    public Instruments()
        : this(new MetricRegistry())
    {
    }

    /// <summary>In the order of the documentation.</summary>
    public IReadOnlyList<Metric> All => metrics.All;

    /// <summary>Serves them at <paramref name="path"/>; <paramref name="refresh"/> is called before each answer, and may be called twice at once.</summary>
    public void Map(IEndpointRouteBuilder app, string path, string[] methods, Action refresh) => metrics.Map(app, path, methods, refresh);

    public void CycleEnded(bool isSuccess, TimeSpan took)
    {
        cycles.WithLabels(isSuccess ? LabelValues.Success : LabelValues.Failure).Inc();
        cycleDuration.Observe(took.TotalSeconds);
    }

    public void BackgroundFailed(BackgroundLoop loop) => backgroundFailures.WithLabels(LabelValues.Of(loop)).Inc();

    /// <param name="code">The answer's status code, <c>timeout</c> or <c>unreachable</c>.</param>
    public void RegistryRequest(string registry, string code, TimeSpan took)
    {
        registryRequests.Of(registry, code).Inc();
        registryRequestDuration.Of(registry).Observe(took.TotalSeconds);
    }

    public void PlanChanged(ContainerAction action, DecisionReason reason) => planChanges.WithLabels(LabelValues.Of(action), LabelValues.Of(reason)).Inc();

    public void ChangeApplied(WorkloadKind kind, ApplyOutcome outcome) => appliedChanges.WithLabels(LabelValues.Of(kind), LabelValues.Of(outcome)).Inc();

    public void Conflicted() => conflictRetries.Inc();

    public void RolloutEnded(WorkloadKind kind, RolloutState outcome, TimeSpan took)
    {
        var labels = Pair(LabelValues.Of(kind), LabelValues.Of(outcome));
        rollouts.WithLabels(labels).Inc();
        rolloutDuration.WithLabels(labels).Observe(took.TotalSeconds);
    }

    public void Audited(AuditAction action) => auditRecords.WithLabels(LabelValues.Of(action)).Inc();

    /// <param name="result"><c>sent</c>, <c>dropped</c> or <c>failed</c>.</param>
    public void EventEnded(string result) => events.WithLabels(result).Inc();

    private static IEnumerable<string[]> OfEachKind<T>(IEnumerable<T> outcomes)
        where T : struct, Enum => Enum.GetValues<WorkloadKind>().SelectMany(kind => outcomes.Select(outcome => Pair(LabelValues.Of(kind), LabelValues.Of(outcome))));

    private static string[] Alone(string label) => [label];

    private static string[] Pair(string first, string second) => [first, second];
}
