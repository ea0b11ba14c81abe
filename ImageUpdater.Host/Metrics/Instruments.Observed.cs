using System.Reflection;
using System.Runtime.InteropServices;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <content>What is so at the moment of a scrape. Told by one at a time.</content>
internal sealed partial class Instruments
{
    /// <summary>What stays as it is while the process runs. Exceptions are counted from here on.</summary>
    public void Started(TimeSpan interval)
    {
        ProcessStarted();
        var version = typeof(Instruments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') ?? [];
        buildInfo.WithLabels(version.FirstOrDefault("0"), version.ElementAtOrDefault(1) ?? "", RuntimeInformation.FrameworkDescription).Set(1);
        checkInterval.Set(interval.TotalSeconds);
    }

    /// <param name="lastSuccess">Null before the first.</param>
    public void Cycles(bool isWell, DateTimeOffset? lastSuccess)
    {
        ready.Set(isWell ? 1 : 0);
        cycleLastSuccess.Set(Seconds(lastSuccess));
    }

    /// <summary>What the newest plan says; nothing before the first.</summary>
    public void Plan(IReadOnlyDictionary<WorkloadKind, int>? kinds, IReadOnlyDictionary<DecisionReason, int>? held, IReadOnlyDictionary<DecisionReason, int>? skipped)
    {
        foreach (var kind in Enum.GetValues<WorkloadKind>())
            workloads.WithLabels(LabelValues.Of(kind)).Set(kinds?.GetValueOrDefault(kind) ?? 0);
        foreach (var reason in LabelValues.HoldReasons)
            holds.WithLabels(LabelValues.Of(reason)).Set(held?.GetValueOrDefault(reason) ?? 0);
        foreach (var reason in LabelValues.SkipReasons)
            skips.WithLabels(LabelValues.Of(reason)).Set(skipped?.GetValueOrDefault(reason) ?? 0);
    }

    /// <param name="registries">Those that are in use.</param>
    public void Images(IReadOnlyCollection<(string Registry, int Tracked, int Failing, DateTimeOffset? LastSuccess)> registries)
    {
        imagesTracked.Show(registries.Select(registry => (registry.Registry, (double)registry.Tracked)));
        imagesFailing.Show(registries.Select(registry => (registry.Registry, (double)registry.Failing)));
        observationLastSuccess.Show(registries.Select(registry => (registry.Registry, Seconds(registry.LastSuccess))));
    }

    /// <param name="registries">Those that were asked so far, with what they said of themselves.</param>
    public void Registries(IReadOnlyCollection<(string Registry, int? Limit, int? Remaining, DateTimeOffset? BackoffUntil)> registries)
    {
        registryRateLimit.Show(Told(registries.Select(registry => (registry.Registry, registry.Limit))));
        registryRateLimitRemaining.Show(Told(registries.Select(registry => (registry.Registry, registry.Remaining))));
        registryBackoffUntil.Show(registries.Select(registry => (registry.Registry, Seconds(registry.BackoffUntil))));
    }

    public void RolloutsRunning(int count) => rolloutsRunning.Set(count);

    /// <param name="volume">Null where it can't be asked.</param>
    public void Store(long size, (long Size, long Available)? volume)
    {
        storeSize.Set(size);
        Set(storeVolumeSize, volume?.Size);
        Set(storeVolumeAvailable, volume?.Available);
    }

    private static IEnumerable<(string Registry, double Value)> Told(IEnumerable<(string Registry, int? Value)> values) =>
        values.Where(told => told.Value is not null).Select(told => (told.Registry, (double)told.Value!.Value));

    private static void Set(Gauge gauge, double? value)
    {
        if (value is { } known)
            gauge.Set(known);
        else
            gauge.Unpublish();
    }

    private static double Seconds(DateTimeOffset? at) => at is { } time ? (time - DateTimeOffset.UnixEpoch).TotalSeconds : 0;
}
