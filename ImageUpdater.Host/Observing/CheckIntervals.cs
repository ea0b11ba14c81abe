using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Observing;

/// <summary>How often images are checked, and how often it is looked which of them are due.</summary>
internal sealed class CheckIntervals(ImageUpdaterOptions options, RegistryClient registries)
{
    private const int TicksInInterval = 10;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(30);

    /// <summary>Half a tick: who is due before the next one is checked now, so that on the average nobody is late.</summary>
    public TimeSpan Slack { get; } = TickOf(options) / 2;

    public static TimeSpan TickOf(ImageUpdaterOptions options)
    {
        var shortest = options.Access.Registries.Select(registry => registry.Interval ?? options.Checking.CheckInterval).Append(options.Checking.CheckInterval).Min();
        return TimeSpan.FromTicks(Math.Clamp(shortest.Ticks / TicksInInterval, ShortestTick.Ticks, LongestTick.Ticks));
    }

    /// <param name="images">How many of the registry there are.</param>
    public CheckPace PaceOf(string registry, int images, DateTimeOffset now) =>
        CheckPace.Of(registries.OptionsOf(registry).Interval ?? options.Checking.CheckInterval, images, registries.StatusOf(registry)?.RateLimit, now);
}
