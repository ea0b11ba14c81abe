using System.Reflection;
using System.Runtime.InteropServices;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <content>Gauges that are set before each scrape. Not thread-safe: the caller holds a lock.</content>
internal sealed partial class Instruments
{
    /// <summary>Sets the metrics that are constant while the process runs, and starts to count exceptions.</summary>
    public void Started(TimeSpan interval, bool isObserveOnly)
    {
        ProcessStarted();
        var version = typeof(Instruments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') ?? [];
        buildInfo.WithLabels(version.FirstOrDefault("0"), version.ElementAtOrDefault(1) ?? "", RuntimeInformation.FrameworkDescription).Set(1);
        checkInterval.Set(interval.TotalSeconds);
        observeOnly.Set(isObserveOnly ? 1 : 0);
    }

    /// <param name="lastSuccess">Null before the first successful cycle.</param>
    public void Cycles(bool isWell, DateTimeOffset? lastSuccess)
    {
        ready.Set(isWell ? 1 : 0);
        cycleLastSuccess.Set(Seconds(lastSuccess));
    }

    /// <summary>The counts of the newest plan; null before the first.</summary>
    public void Plan(IReadOnlyDictionary<WorkloadKind, int>? kinds, IReadOnlyDictionary<DecisionReason, int>? held, IReadOnlyDictionary<DecisionReason, int>? skipped)
    {
        foreach (var kind in Enum.GetValues<WorkloadKind>())
            workloads.WithLabels(LabelValues.Of(kind)).Set(kinds?.GetValueOrDefault(kind) ?? 0);
        foreach (var reason in LabelValues.HoldReasons)
            holds.WithLabels(LabelValues.Of(reason)).Set(held?.GetValueOrDefault(reason) ?? 0);
        foreach (var reason in LabelValues.SkipReasons)
            skips.WithLabels(LabelValues.Of(reason)).Set(skipped?.GetValueOrDefault(reason) ?? 0);
    }

    /// <param name="registries">The registries in use.</param>
    public void Images(IReadOnlyCollection<(string Registry, int Tracked, int Failing, DateTimeOffset? LastSuccess)> registries)
    {
        imagesTracked.Show(registries.Select(registry => (registry.Registry, (double)registry.Tracked)));
        imagesFailing.Show(registries.Select(registry => (registry.Registry, (double)registry.Failing)));
        observationLastSuccess.Show(registries.Select(registry => (registry.Registry, Seconds(registry.LastSuccess))));
    }

    /// <param name="registries">The registries queried so far, with the limits they reported.</param>
    public void Registries(IReadOnlyCollection<(string Registry, int? Limit, int? Remaining, DateTimeOffset? BackoffUntil)> registries)
    {
        registryRateLimit.Show(Known(registries.Select(registry => (registry.Registry, registry.Limit))));
        registryRateLimitRemaining.Show(Known(registries.Select(registry => (registry.Registry, registry.Remaining))));
        registryBackoffUntil.Show(registries.Select(registry => (registry.Registry, Seconds(registry.BackoffUntil))));
    }

    public void RolloutsRunning(int count) => rolloutsRunning.Set(count);

    /// <param name="volume">Null if it can't be read.</param>
    public void Store(long size, (long Size, long Available)? volume)
    {
        storeSize.Set(size);
        Set(storeVolumeSize, volume?.Size);
        Set(storeVolumeAvailable, volume?.Available);
    }

    private static IEnumerable<(string Registry, double Value)> Known(IEnumerable<(string Registry, int? Value)> values) =>
        values.Where(pair => pair.Value is not null).Select(pair => (pair.Registry, (double)pair.Value!.Value));

    private static void Set(Gauge gauge, double? value)
    {
        if (value is { } known)
            gauge.Set(known);
        else
            gauge.Unpublish();
    }

    private static double Seconds(DateTimeOffset? at) => at is { } time ? (time - DateTimeOffset.UnixEpoch).TotalSeconds : 0;
}
