namespace ImageUpdater.Sandbox;

/// <summary>
/// A fault that a server injects, and the requests it applies to. All conditions that are set must match; if several faults match a request,
/// the one added first applies.
/// </summary>
public abstract record Fault
{
    /// <summary>For example <c>PATCH</c>; null for every method.</summary>
    public string? Method { get; init; }

    public string? PathPrefix { get; init; }

    public string? PathContains { get; init; }

    /// <summary>The percentage of matching requests that are affected, by the server's seeded random numbers.</summary>
    public double Percent { get; init; } = 100;

    /// <summary>The number of matching requests to affect; null for all until the fault is removed.</summary>
    public int? Times { get; init; }

    /// <summary>Responds with this status instead of handling the request.</summary>
    public int? Status { get; init; }

    /// <summary>The Retry-After header, sent unchanged: seconds, a date, or an invalid value.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Waits this long before handling the request.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Also waits for this task, which a test completes.</summary>
    public Task? Hold { get; init; }

    /// <summary>Handles the request at once, and responds when this task completes; a request takes effect even if its client disconnects.</summary>
    public Task? HoldAnswer { get; init; }

    /// <summary>Handles the request even if its client disconnects during the wait, as a slow API server may.</summary>
    public bool OutlivesClient { get; init; }

    /// <summary>Closes the connection without handling the request.</summary>
    public bool CutBefore { get; init; }

    /// <summary>Handles the request and closes the connection without a response.</summary>
    public bool CutAfter { get; init; }

    internal virtual bool Matches(HttpRequest request) =>
        (Method is null || string.Equals(Method, request.Method, StringComparison.OrdinalIgnoreCase))
        && (PathPrefix is null || request.Path.Value!.StartsWith(PathPrefix, StringComparison.Ordinal))
        && (PathContains is null || request.Path.Value!.Contains(PathContains, StringComparison.Ordinal));
}
