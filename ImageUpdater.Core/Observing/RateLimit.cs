namespace ImageUpdater.Core.Observing;

/// <summary>What a registry said last of its limit on requests.</summary>
/// <param name="Remaining">Left in the current window.</param>
/// <param name="Window">Null where the registry does not say.</param>
/// <param name="At">When it said so.</param>
public sealed record RateLimit(int? Limit, int? Remaining, TimeSpan? Window, DateTimeOffset At);
