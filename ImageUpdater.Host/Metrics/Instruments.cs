using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <summary>
/// All metrics, one field each, in the order of docs/metrics.md, which is generated from them. Events are counted and timed where they occur;
/// gauges are read at each scrape. Only this folder uses prometheus-net.
/// </summary>
internal sealed partial class Instruments(MetricRegistry metrics) : IDisposable
{
    private readonly Gauge buildInfo = metrics.Gauge("image_updater_build_info", "1", "Always 1; the labels show the version, the revision and the runtime.", "version", "revision", "runtime");

    private readonly Gauge ready = metrics.Gauge(
        "image_updater_ready", "0 or 1",
        "1 if the last completed cycle succeeded, 0 before the first. /readyz also checks the state store and the background loops, and requires only the observation of the first cycle.");

    private readonly Counter cycles = metrics.Counter(
        "image_updater_cycles_total", "cycles",
        "Completed cycles (observe, plan, apply) by result: success, or failure of the cluster, the state store or the program.",
        ["result"], LabelValues.CycleResults.Select(Alone));

    private readonly Histogram cycleDuration = metrics.Seconds(
        "image_updater_cycle_duration_seconds", "Duration of a cycle, successful or not.", [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]);

    private readonly Gauge cycleLastSuccess = metrics.Gauge(
        "image_updater_cycle_last_success_timestamp_seconds", "seconds since 1970", "Time of the last successful cycle; 0 before the first.");

    private readonly Gauge checkInterval = metrics.Gauge(
        "image_updater_check_interval_seconds", "seconds", "The option CheckInterval: the maximum time between the starts of two cycles.");

    private readonly Gauge observeOnly = metrics.Gauge("image_updater_observe_only", "0 or 1", "The option ObserveOnly: 1 if nothing is restarted.");

    private readonly Counter backgroundFailures = metrics.Counter(
        "image_updater_background_failures_total", "failures",
        "Runs of background loops that ended with an unexpected error, by loop: tracking of rollouts, retention, or a reader of the audit log (events, or audit-log, which logs and counts). See the log for the error.",
        ["loop"], Enum.GetValues<BackgroundLoop>().Select(loop => Alone(LabelValues.Of(loop))));

    private readonly Gauge workloads = metrics.Gauge("image_updater_workloads", "workloads", "Enabled workloads in the newest plan, by kind.", "kind");

    private readonly RegistryGauge imagesTracked = new(metrics.Gauge(
        "image_updater_images_tracked", "images", "Distinct images that workloads use, by registry, in the newest cycle.", "registry"));

    private readonly RegistryGauge imagesFailing = new(metrics.Gauge("image_updater_images_failing", "images", "Tracked images whose last check failed.", "registry"));

    private readonly RegistryGauge observationLastSuccess = new(metrics.Gauge(
        "image_updater_observation_last_success_timestamp_seconds", "seconds since 1970",
        "Time of the last successful check of an image, by registry in use; 0 if none is known.", "registry"));

    private readonly RegistrySeries<Counter.Child> registryRequests = new(metrics.Counter(
        "image_updater_registry_requests_total", "requests",
        "HTTP requests to registries and mirrors, including token servers and redirects, by status code, timeout or unreachable; a response that is cut off counts under its status code and again as timeout or unreachable.",
        ["registry", "code"], known: []));

    private readonly RegistrySeries<Histogram.Child> registryRequestDuration = new(metrics.Seconds(
        "image_updater_registry_request_duration_seconds", "Time until the response of a registry started, or the request failed.",
        [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30], "registry"));

    private readonly RegistryGauge registryRateLimit = new(metrics.Gauge(
        "image_updater_registry_rate_limit", "pulls", "Pulls allowed per rate limit window, if the registry reports it.", "registry"));

    private readonly RegistryGauge registryRateLimitRemaining = new(metrics.Gauge(
        "image_updater_registry_rate_limit_remaining", "pulls", "Pulls left in the rate limit window, as last reported by the registry.", "registry"));

    private readonly RegistryGauge registryBackoffUntil = new(metrics.Gauge(
        "image_updater_registry_backoff_until_timestamp_seconds", "seconds since 1970",
        "Time until which requests to the registry are suspended at its request (backing off); 0 if they are not.", "registry"));

    private readonly Counter planChanges = metrics.Counter(
        "image_updater_plan_changes_total", "containers",
        "Changed decisions about containers in saved plans, by the new action and reason. A changed image or digest counts too and, for a held or skipped container, a changed explanation.",
        ["action", "reason"], Enum.GetValues<DecisionReason>().Select(reason => Pair(LabelValues.Of(LabelValues.ActionOf(reason)), LabelValues.Of(reason))));

    private readonly Gauge holds = metrics.Gauge("image_updater_holds", "containers", "Containers held by the newest plan, by reason.", "reason");

    private readonly Gauge skips = metrics.Gauge("image_updater_skips", "containers", "Containers skipped by the newest plan, by reason.", "reason");

    private readonly Counter appliedChanges = metrics.Counter(
        "image_updater_applied_changes_total", "changes",
        "Attempted changes of plans, by outcome; unknown until the workload can be read.", ["kind", "outcome"], OfEachKind(Enum.GetValues<ApplyOutcome>()));

    private readonly Counter conflictRetries = metrics.Counter(
        "image_updater_conflict_retries_total", "patches", "Patches that were planned and sent again after a conflict, because the workload had changed.");

    private readonly Counter rollouts = metrics.Counter(
        "image_updater_rollouts_total", "rollouts", "Rollouts whose end was recorded in the audit log since the start, by outcome: succeeded, failed, timed-out, superseded, workload-gone, mismatch, reverted.",
        ["kind", "outcome"], OfEachKind(LabelValues.Ends));

    private readonly Histogram rolloutDuration = metrics.Seconds(
        "image_updater_rollout_duration_seconds", "Time from the intent to restart, which is stored just before the patch is sent, to the end of the rollout.", [5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600], "kind", "outcome");

    private readonly Gauge rolloutsRunning = metrics.Gauge("image_updater_rollouts_running", "rollouts", "Rollouts that are being tracked.");

    private readonly Counter auditRecords = metrics.Counter(
        "image_updater_audit_records_total", "records", "Records added to the audit log since the start, by action.",
        ["action"], Enum.GetValues<AuditAction>().Select(action => Alone(LabelValues.Of(action))));

    private readonly Counter events = metrics.Counter(
        "image_updater_events_total", "events", "Kubernetes Events about workloads, by result: sent; dropped by the rate limit; failed, if the API rejected it; or too-old, an hour after the fact.",
        ["result"], LabelValues.EventResults.Select(Alone));

    private readonly Gauge storeSize = metrics.Gauge("image_updater_store_size_bytes", "bytes", "Size of the state store, including its write-ahead log.");

    private readonly Gauge storeVolumeSize = metrics.Gauge("image_updater_store_volume_size_bytes", "bytes", "Size of the volume with the state store.");

    private readonly Gauge storeVolumeAvailable = metrics.Gauge(
        "image_updater_store_volume_available_bytes", "bytes", "Free space on the volume with the state store.");

    private readonly RegistrySeries<Counter.Child> registriesLate = new(metrics.Counter(
        "image_updater_registry_late_cycles_total", "cycles",
        "Cycles that went on without the answers of a registry, because it took too long; its images are planned in a later cycle.", ["registry"], known: []));

    public Instruments()
        : this(new MetricRegistry())
    {
    }

    /// <summary>All metrics, in the order of the documentation.</summary>
    public IReadOnlyList<Metric> All => metrics.All;

    /// <summary>Serves the metrics at <paramref name="path"/>. <paramref name="refresh"/> is called before each response, possibly concurrently.</summary>
    public void Map(IEndpointRouteBuilder app, string path, string[] methods, Action refresh) => metrics.Map(app, path, methods, refresh);

    public void CycleEnded(bool isSuccess, TimeSpan took)
    {
        cycles.WithLabels(isSuccess ? LabelValues.Success : LabelValues.Failure).Inc();
        cycleDuration.Observe(took.TotalSeconds);
    }

    public void BackgroundFailed(BackgroundLoop loop) => backgroundFailures.WithLabels(LabelValues.Of(loop)).Inc();

    /// <param name="code">The status code of the response, <c>timeout</c> or <c>unreachable</c>.</param>
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

    /// <param name="result"><c>sent</c>, <c>dropped</c>, <c>failed</c> or <c>too-old</c>.</param>
    public void EventEnded(string result) => events.WithLabels(result).Inc();

    public void RegistryLate(string registry) => registriesLate.Of(registry).Inc();

    private static IEnumerable<string[]> OfEachKind<T>(IEnumerable<T> outcomes)
        where T : struct, Enum => Enum.GetValues<WorkloadKind>().SelectMany(kind => outcomes.Select(outcome => Pair(LabelValues.Of(kind), LabelValues.Of(outcome))));

    private static string[] Alone(string label) => [label];

    private static string[] Pair(string first, string second) => [first, second];
}
