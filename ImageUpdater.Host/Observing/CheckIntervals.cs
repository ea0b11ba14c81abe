using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Registry;

namespace ImageUpdater.Host.Observing;

/// <summary>How often images are checked, and how often the schedule looks for images that are due.</summary>
internal sealed class CheckIntervals(CheckingOptions checking, AccessOptions access, RegistryClient registries)
{
    private const int TicksInInterval = 10;

    private static readonly TimeSpan ShortestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(30);

    /// <summary>Time between two looks for images that are due.</summary>
    public TimeSpan Tick { get; } = TimeSpan.FromTicks(Math.Clamp(
        access.Registries.Select(registry => registry.Interval ?? checking.CheckInterval).Append(checking.CheckInterval).Min().Ticks / TicksInInterval,
        ShortestTick.Ticks,
        LongestTick.Ticks));

    /// <summary>Half a tick. An image due within it is checked now, so that checks are on average neither early nor late.</summary>
    public TimeSpan Slack => Tick / 2;

    /// <summary>The configured time between two checks of an image of this registry.</summary>
    public TimeSpan Of(string registry) => registries.OptionsOf(registry).Interval ?? checking.CheckInterval;

    /// <param name="images">The number of images of the registry.</param>
    public CheckPace PaceOf(string registry, int images, DateTimeOffset now) =>
        CheckPace.Of(Of(registry), images, registries.StatusOf(registry)?.RateLimit, now);
}
