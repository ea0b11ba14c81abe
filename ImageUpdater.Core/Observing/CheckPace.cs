namespace ImageUpdater.Core.Observing;

/// <summary>How much time lies between two checks of an image of one registry, as things are now.</summary>
/// <param name="IsStretched">Longer than configured, because the registry's rate limit is almost used up.</param>
public sealed record CheckPace(TimeSpan Interval, bool IsStretched = false)
{
    // Of the registry's limit. The nodes pull on the same budget, so ours must not be what empties it.
    private const double Floor = 0.2;
    private const int FloorWithoutLimit = 20;

    private static readonly TimeSpan UsualWindow = TimeSpan.FromHours(1);

    /// <summary>
    /// Below the floor, the remaining requests are spread over a whole window. Registries do not report when the current window ends; one
    /// window after the last response it has certainly ended, and the remaining number is unknown.
    /// </summary>
    /// <param name="images">How many images of the registry share its budget.</param>
    /// <param name="limit">The rate limit the registry last reported; null if none.</param>
    public static CheckPace Of(TimeSpan configured, int images, RateLimit? limit, DateTimeOffset now)
    {
        if (limit?.Remaining is not { } remaining || remaining > (limit.Limit * Floor ?? FloorWithoutLimit))
            return new CheckPace(configured);

        var window = limit.Window ?? UsualWindow;
        if (limit.At + window <= now)
            return new CheckPace(configured);

        // Too few for all: none before the window has passed. The images were checked last up to an interval before that was known.
        var affordable = images < remaining ? window * ((double)images / remaining) : window + configured;
        return affordable > configured ? new CheckPace(affordable, IsStretched: true) : new CheckPace(configured);
    }
}
