namespace ImageUpdater.Host.Metrics;

/// <summary>Our own metrics. <see cref="RuntimeCatalog"/> has those of the process.</summary>
internal static class MetricCatalog
{
    public static readonly Metric BuildInfo = new(
        "image_updater_build_info", MetricType.Gauge, "1", "Always 1; what runs is in the labels.", "version", "revision", "runtime");

    public static readonly Metric Ready = new(
        "image_updater_ready", MetricType.Gauge, "0 or 1", "1 when the newest cycle that has ended was carried through, 0 before the first. /readyz asks the state store besides, and in the first cycle only for its observation.");

    public static readonly Metric Cycles = new(
        "image_updater_cycles_total", MetricType.Counter, "cycles", "Cycles (observe, plan, apply) that ended, by result: success, or failure where the cluster, the state store or the program failed.", "result");

    public static readonly Metric CycleDuration = new(
        "image_updater_cycle_duration_seconds", MetricType.Histogram, "seconds", "How long a cycle took, whatever its result.")
    {
        Buckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    };

    public static readonly Metric CycleLastSuccess = new(
        "image_updater_cycle_last_success_timestamp_seconds", MetricType.Gauge, "seconds since 1970", "When a cycle last ended with success; 0 before the first.");

    public static readonly Metric CheckInterval = new(
        "image_updater_check_interval_seconds", MetricType.Gauge, "seconds", "The option CheckInterval: a cycle begins at least this often.");

    public static readonly Metric Workloads = new(
        "image_updater_workloads", MetricType.Gauge, "workloads", "Enabled workloads in the newest plan, by kind.", "kind");

    public static readonly Metric ImagesTracked = new(
        "image_updater_images_tracked", MetricType.Gauge, "images", "Distinct images that workloads use, by registry, in the newest cycle.", "registry");

    public static readonly Metric ImagesFailing = new(
        "image_updater_images_failing", MetricType.Gauge, "images", "Of these, images whose last check failed.", "registry");

    public static readonly Metric ObservationLastSuccess = new(
        "image_updater_observation_last_success_timestamp_seconds", MetricType.Gauge, "seconds since 1970",
        "When a check of an image last succeeded, by registry that is in use; 0 when none is known to have.", "registry");

    public static readonly Metric RegistryRequests = new(
        "image_updater_registry_requests_total", MetricType.Counter, "requests",
        "HTTP requests to registries and mirrors, token servers and redirects included, by the answer's status code, timeout, or unreachable; an answer that breaks off counts as both.", "registry", "code");

    public static readonly Metric RegistryRequestDuration = new(
        "image_updater_registry_request_duration_seconds", MetricType.Histogram, "seconds", "Time until a registry's answer began, or the request was given up.", "registry")
    {
        Buckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30],
    };

    public static readonly Metric RegistryRateLimit = new(
        "image_updater_registry_rate_limit", MetricType.Gauge, "pulls", "The pulls that the registry allows in its window, where it says so.", "registry");

    public static readonly Metric RegistryRateLimitRemaining = new(
        "image_updater_registry_rate_limit_remaining", MetricType.Gauge, "pulls", "The pulls left in the registry's window when it last said so.", "registry");

    public static readonly Metric RegistryBackoffUntil = new(
        "image_updater_registry_backoff_until_timestamp_seconds", MetricType.Gauge, "seconds since 1970", "Until when the registry is left alone because it asked for that; 0 when it is not.", "registry");

    public static readonly Metric PlanChanges = new(
        "image_updater_plan_changes_total", MetricType.Counter, "containers",
        "Containers about which a plan decided otherwise than the plan before it, by the new action and reason.", "action", "reason");

    public static readonly Metric Holds = new(
        "image_updater_holds", MetricType.Gauge, "containers", "Containers that the newest plan holds, by reason.", "reason");

    public static readonly Metric Skips = new(
        "image_updater_skips", MetricType.Gauge, "containers", "Containers that the newest plan skips, by reason.", "reason");

    public static readonly Metric AppliedChanges = new(
        "image_updater_applied_changes_total", MetricType.Counter, "changes",
        "Changes of plans that were tried, by what became of them; unknown until the workload can be read.", "kind", "outcome");

    public static readonly Metric ConflictRetries = new(
        "image_updater_conflict_retries_total", MetricType.Counter, "patches", "Patches that were planned and sent again because the workload had changed meanwhile.");

    public static readonly Metric Rollouts = new(
        "image_updater_rollouts_total", MetricType.Counter, "rollouts", "Rollouts that ended, by outcome: succeeded, failed, timed-out, superseded, workload-gone.", "kind", "outcome");

    public static readonly Metric RolloutDuration = new(
        "image_updater_rollout_duration_seconds", MetricType.Histogram, "seconds", "From the restart to the end of its rollout.", "kind", "outcome")
    {
        Buckets = [5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600],
    };

    public static readonly Metric RolloutsRunning = new(
        "image_updater_rollouts_running", MetricType.Gauge, "rollouts", "Rollouts that are followed now.");

    public static readonly Metric AuditRecords = new(
        "image_updater_audit_records_total", MetricType.Counter, "records", "Audit records that this process wrote, by action.", "action");

    public static readonly Metric Events = new(
        "image_updater_events_total", MetricType.Counter, "events", "Kubernetes Events about workloads: sent, dropped to spare the cluster or at the end of the process, or failed.", "result");

    public static readonly Metric StoreSize = new(
        "image_updater_store_size_bytes", MetricType.Gauge, "bytes", "Size of the state store's file and its write-ahead log.");

    public static readonly Metric StoreVolumeSize = new(
        "image_updater_store_volume_size_bytes", MetricType.Gauge, "bytes", "Size of the volume that the state store is on.");

    public static readonly Metric StoreVolumeAvailable = new(
        "image_updater_store_volume_available_bytes", MetricType.Gauge, "bytes", "Room left on the volume that the state store is on.");

    /// <summary>In the order of the documentation.</summary>
    public static IReadOnlyList<Metric> Own { get; } =
    [
        BuildInfo, Ready,
        Cycles, CycleDuration, CycleLastSuccess, CheckInterval,
        Workloads, ImagesTracked, ImagesFailing, ObservationLastSuccess,
        RegistryRequests, RegistryRequestDuration, RegistryRateLimit, RegistryRateLimitRemaining, RegistryBackoffUntil,
        PlanChanges, Holds, Skips,
        AppliedChanges, ConflictRetries, Rollouts, RolloutDuration, RolloutsRunning,
        AuditRecords, Events,
        StoreSize, StoreVolumeSize, StoreVolumeAvailable,
    ];
}
