using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence.Store;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Web;

/// <summary>Sets the gauges from the state of the controller before a scrape.</summary>
internal sealed class ControllerGauges
{
    private readonly Lock gate = new();
    private readonly Instruments instruments;
    private readonly ControllerState state;
    private readonly StateStore store;
    private readonly RegistryClient registries;

    public ControllerGauges(Instruments instruments, ControllerState state, StateStore store, RegistryClient registries, CheckingOptions options, RestartOptions restarts)
    {
        (this.instruments, this.state, this.store, this.registries) = (instruments, state, store, registries);
        instruments.Started(options.CheckInterval, restarts.ObserveOnly);
    }

    /// <summary>Thread-safe, since scrapes may overlap.</summary>
    public void Refresh()
    {
        lock (gate)
        {
            var newest = state.Newest;
            instruments.Cycles(state.IsWell, state.LastCycle);
            instruments.Plan(newest?.Workloads, newest?.Holds, newest?.Skips);
            instruments.Images([.. (newest?.Registries ?? []).Select(registry => (registry.Registry, registry.Tracked, registry.Failing, registry.LastSuccess))]);
            instruments.Registries([.. registries.Registries.Select(registry => (registry.Registry, registry.RateLimit?.Limit, registry.RateLimit?.Remaining, registry.BackingOffUntil))]);
            instruments.RolloutsRunning(state.RolloutsRunning);
            instruments.Store(store.SizeBytes, Volume());
            instruments.Runtime();
        }
    }

    private (long Size, long Available)? Volume()
    {
        try
        {
            var volume = new DriveInfo(Path.GetDirectoryName(store.Path)!);
            return (volume.TotalSize, volume.AvailableFreeSpace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The volume is gone; readiness reports that the store can't be used.
            return null;
        }
    }
}
