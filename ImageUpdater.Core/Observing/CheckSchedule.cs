namespace ImageUpdater.Core.Observing;

/// <summary>When an image is checked next. The fraction, from 0 to 1 and drawn at random, keeps many images from being checked at the same moment.</summary>
/// <remarks>
/// | the check                                    | the next one, from this one                                             |
/// |----------------------------------------------|-------------------------------------------------------------------------|
/// | succeeded, at its time                       | 0.9 to 1.1 intervals                                                    |
/// | succeeded, and was the first, early or late  | 0.1 to 1 interval: what was checked in one go is spread                 |
/// | succeeded, while the budget is low           | 1 to 1.1 of the stretched interval; in the second case above, 1 to 2    |
/// | failed                                       | the interval, doubled with each failure in a row, up to an hour and less |
/// |                                              | up to a fifth; never less than the interval                             |
/// | failed, and the registry named a time        | not before it, and then spread over the interval, ten minutes at most   |
/// </remarks>
public static class CheckSchedule
{
    /// <summary>Between checks of an image that fails, unless its interval is longer.</summary>
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);

    private const int MaxDoublings = 24;

    private static readonly TimeSpan LongestSpread = TimeSpan.FromMinutes(10);

    /// <param name="before">What was known before this check; null where nothing was.</param>
    public static DateTimeOffset Next(ImageState? before, ImageCheck check, CheckPace pace, double fraction) => check switch
    {
        FailedCheck { Failure: var failure } =>
            AfterFailure((before?.FailuresInARow ?? 0) + (failure.WasAsked ? 1 : 0), check.At, failure, pace.Interval, fraction),
        _ => check.At + (pace.Interval * AfterSuccess(IsAtItsTime(before, check.At, pace.Interval), pace.IsStretched, fraction)),
    };

    /// <summary>
    /// Another time for a check that was planned at another pace: the budget has run low or is there again, the configuration or the
    /// clock was changed. Null where the planned time is right.
    /// </summary>
    public static DateTimeOffset? Correction(ImageState state, CheckPace pace, DateTimeOffset now, double fraction)
    {
        if (state.NextCheck is not { } planned)
            return null;

        var longest = state.Failure is null ? pace.Interval * (pace.IsStretched ? 2.1 : 1.2) : LongestAfterFailure(pace.Interval);
        if (planned - now > longest)
            return now + (pace.Interval * fraction);

        return pace.IsStretched && state.LastChecked is { } last && planned < last + pace.Interval ? last + (pace.Interval * (1 + (0.1 * fraction))) : null;
    }

    /// <summary>No failure delays the next check by more.</summary>
    internal static TimeSpan LongestAfterFailure(TimeSpan interval) => Longer(interval * 1.2, LongestBackoff + LongestSpread);

    /// <param name="failures">In a row, with this one.</param>
    internal static DateTimeOffset AfterFailure(int failures, DateTimeOffset at, RegistryFailure failure, TimeSpan interval, double fraction)
    {
        var doubled = Math.Min(interval.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, MaxDoublings)), LongestBackoff.TotalSeconds);
        var backoff = TimeSpan.FromSeconds(doubled * (1 - (0.2 * fraction)));
        var next = at + Longer(backoff, interval * (1 + (0.1 * fraction)));
        if (failure.RetryAt is not { } until)
            return next;

        var spread = until + ((interval < LongestSpread ? interval : LongestSpread) * fraction);
        return next > spread ? next : spread;
    }

    private static double AfterSuccess(bool atItsTime, bool stretched, double fraction) => (atItsTime, stretched) switch
    {
        (true, false) => 0.9 + (0.2 * fraction),
        (false, false) => 0.1 + (0.9 * fraction),
        (true, true) => 1 + (0.1 * fraction),
        (false, true) => 1 + fraction,
    };

    private static bool IsAtItsTime(ImageState? before, DateTimeOffset at, TimeSpan interval) =>
        before is { NextCheck: { } planned, LastChecked: not null } && (at - planned).Duration() <= interval / 4;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
