namespace ImageUpdater.Core.Observing;

/// <summary>How much time lies between two checks of an image of one registry, as things are now.</summary>
/// <param name="IsStretched">It is more than was configured, because the registry grants few requests more.</param>
public sealed record CheckPace(TimeSpan Interval, bool IsStretched = false)
{
    // Of the registry's limit. The nodes pull on the same budget, so ours must not be what empties it.
    private const double Floor = 0.2;
    private const int FloorWithoutLimit = 20;

    private static readonly TimeSpan UsualWindow = TimeSpan.FromHours(1);

    /// <summary>
    /// Below the floor, what is left is spread over a whole window. Nobody tells when the current one ends; one after the last answer it
    /// has ended for sure, and nothing is known any more.
    /// </summary>
    /// <param name="images">How many images of the registry share its budget.</param>
    /// <param name="limit">What the registry said last; null where it says nothing.</param>
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
