using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.InteropServices;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Metrics;

/// <summary>What is read from the controller's parts at the moment of a scrape.</summary>
internal sealed class ControllerGauges : IDisposable
{
    private readonly Meter meter = new(Instruments.MeterName);
    private readonly ControllerState state;

    public ControllerGauges(ControllerState state, StateStore store, RegistryClient registries, ImageUpdaterOptions options)
    {
        this.state = state;
        var build = BuildLabels();
        Observe(MetricCatalog.BuildInfo, () => [new(1, build)]);
        using (var process = Process.GetCurrentProcess())
        {
            var started = Seconds(new DateTimeOffset(process.StartTime));
            Observe(RuntimeCatalog.StartTime, () => [new(started)]);
        }

        Observe(MetricCatalog.Ready, () => [new(state.IsWell ? 1 : 0)]);
        Observe(MetricCatalog.CycleLastSuccess, () => [new(Seconds(state.LastCycle))]);
        Observe(MetricCatalog.CheckInterval, () => [new(options.Checking.CheckInterval.TotalSeconds)]);
        Observe(MetricCatalog.Workloads, Workloads);
        Observe(MetricCatalog.ImagesTracked, () => ByRegistry(registry => registry.Tracked));
        Observe(MetricCatalog.ImagesFailing, () => ByRegistry(registry => registry.Failing));
        Observe(MetricCatalog.ObservationLastSuccess, () => ByRegistry(registry => Seconds(registry.LastSuccess)));
        Observe(MetricCatalog.Holds, () => ByReason(LabelValues.HoldReasons, state.Newest?.Holds));
        Observe(MetricCatalog.Skips, () => ByReason(LabelValues.SkipReasons, state.Newest?.Skips));
        Observe(MetricCatalog.RolloutsRunning, () => [new(state.RolloutsRunning)]);
        Observe(MetricCatalog.RegistryRateLimit, () => Limits(registries, limit => limit.Limit));
        Observe(MetricCatalog.RegistryRateLimitRemaining, () => Limits(registries, limit => limit.Remaining));
        Observe(MetricCatalog.RegistryBackoffUntil, () =>
            registries.Registries.Select(registry => new Measurement<double>(Seconds(registry.LeftAloneUntil), Tag("registry", registry.Registry))));
        Observe(MetricCatalog.StoreSize, () => [new(store.SizeBytes)]);
        Observe(MetricCatalog.StoreVolumeSize, () => OfVolume(store, volume => volume.TotalSize));
        Observe(MetricCatalog.StoreVolumeAvailable, () => OfVolume(store, volume => volume.AvailableFreeSpace));
    }

    public void Dispose() => meter.Dispose();

    private void Observe(Metric metric, Func<IEnumerable<Measurement<double>>> read) => meter.CreateObservableGauge(metric.Name, read, metric.InstrumentUnit, metric.Help);

    private IEnumerable<Measurement<double>> Workloads() => Enum.GetValues<WorkloadKind>().Select(kind =>
        new Measurement<double>(state.Newest?.Workloads.GetValueOrDefault(kind) ?? 0, Tag("kind", LabelValues.Of(kind))));

    private IEnumerable<Measurement<double>> ByRegistry(Func<ObservedRegistry, double> value) =>
        (state.Newest?.Registries ?? []).Select(registry => new Measurement<double>(value(registry), Tag("registry", registry.Registry)));

    private static IEnumerable<Measurement<double>> ByReason(IReadOnlyList<DecisionReason> reasons, IReadOnlyDictionary<DecisionReason, int>? counts) =>
        reasons.Union(counts?.Keys ?? []).Select(reason => new Measurement<double>(counts?.GetValueOrDefault(reason) ?? 0, Tag("reason", LabelValues.Of(reason))));

    private static IEnumerable<Measurement<double>> Limits(RegistryClient registries, Func<RateLimit, int?> value) =>
        from registry in registries.Registries
        let number = registry.RateLimit is { } limit ? value(limit) : null
        where number is not null
        select new Measurement<double>(number.Value, Tag("registry", registry.Registry));

    private static IEnumerable<Measurement<double>> OfVolume(StateStore store, Func<DriveInfo, long> value)
    {
        try
        {
            return [new(value(new DriveInfo(Path.GetDirectoryName(store.Path)!)))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A volume that went away has no size; readiness says what is wrong.
            return [];
        }
    }

    private static KeyValuePair<string, object?>[] BuildLabels()
    {
        var version = typeof(ControllerGauges).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') ?? [];
        return
        [
            new("version", version.FirstOrDefault("0")),
            new("revision", version.ElementAtOrDefault(1) ?? ""),
            new("runtime", RuntimeInformation.FrameworkDescription),
        ];
    }

    private static KeyValuePair<string, object?> Tag(string label, string value) => new(label, value);

    private static double Seconds(DateTimeOffset? at) => at is { } time ? (time - DateTimeOffset.UnixEpoch).TotalSeconds : 0;
}
