namespace ImageUpdater.Sandbox;

/// <summary>
/// What a server does wrong on purpose, and to which requests. Every condition that is set must hold;
/// of several faults that match a request, the one added first acts.
/// </summary>
public abstract record Fault
{
    /// <summary>For instance <c>PATCH</c>; null is every method.</summary>
    public string? Method { get; init; }

    public string? PathPrefix { get; init; }

    public string? PathContains { get; init; }

    /// <summary>How many of 100 matching requests are hit, by the server's seeded random numbers.</summary>
    public double Percent { get; init; } = 100;

    /// <summary>Only the next so many matching requests; null is all of them until it is removed.</summary>
    public int? Times { get; init; }

    /// <summary>Answer with this status instead of handling the request.</summary>
    public int? Status { get; init; }

    /// <summary>The Retry-After header, sent as it is: seconds, a date, or rubbish.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Waits this long first.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Waits for this, too: a test lets go when it has seen enough.</summary>
    public Task? Hold { get; init; }

    /// <summary>Handles the request at once and answers when this is done; a client that leaves meanwhile has had its effect.</summary>
    public Task? HoldAnswer { get; init; }

    /// <summary>Handles the request even when its client has left while it waited, as an API server may that was slow.</summary>
    public bool OutlivesClient { get; init; }

    /// <summary>Closes the connection without handling the request.</summary>
    public bool CutBefore { get; init; }

    /// <summary>Handles the request and closes the connection instead of answering.</summary>
    public bool CutAfter { get; init; }

    internal virtual bool Matches(HttpRequest request) =>
        (Method is null || string.Equals(Method, request.Method, StringComparison.OrdinalIgnoreCase))
        && (PathPrefix is null || request.Path.Value!.StartsWith(PathPrefix, StringComparison.Ordinal))
        && (PathContains is null || request.Path.Value!.Contains(PathContains, StringComparison.Ordinal));
}
