using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Observing;

/// <summary>How often images are checked, and how often it is looked which of them are due.</summary>
internal sealed class CheckIntervals(CheckingOptions checking, AccessOptions access, RegistryClient registries)
{
    private const int TicksInInterval = 10;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(30);

    /// <summary>Between two looks at what is due.</summary>
    public TimeSpan Tick { get; } = TimeSpan.FromTicks(Math.Clamp(
        access.Registries.Select(registry => registry.Interval ?? checking.CheckInterval).Append(checking.CheckInterval).Min().Ticks / TicksInInterval,
        ShortestTick.Ticks,
        LongestTick.Ticks));

    /// <summary>Half a tick: who is due before the next one is checked now, so that on the average nobody is late.</summary>
    public TimeSpan Slack => Tick / 2;

    /// <param name="images">How many of the registry there are.</param>
    public CheckPace PaceOf(string registry, int images, DateTimeOffset now) =>
        CheckPace.Of(registries.OptionsOf(registry).Interval ?? checking.CheckInterval, images, registries.StatusOf(registry)?.RateLimit, now);
}
