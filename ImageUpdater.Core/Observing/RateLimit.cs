namespace ImageUpdater.Core.Observing;

/// <summary>The rate limit that a registry last reported.</summary>
/// <param name="Remaining">Left in the current window.</param>
/// <param name="Window">Null where the registry does not say.</param>
/// <param name="At">When it said so.</param>
public sealed record RateLimit(int? Limit, int? Remaining, TimeSpan? Window, DateTimeOffset At);
