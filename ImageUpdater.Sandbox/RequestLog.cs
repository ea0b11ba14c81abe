using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox;

/// <summary>A request to a sandbox server.</summary>
public sealed record RequestRecord
{
    public required string Method { get; init; }

    /// <summary>The path as sent, percent-encoded.</summary>
    public required string Path { get; init; }

    /// <summary>The query string with its question mark, or empty.</summary>
    public required string Query { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>The whole header, so that tests can look for leaked secrets.</summary>
    public string? Authorization { get; init; }

    /// <summary>The body of requests that change something, except registry uploads.</summary>
    public string? Body { get; init; }

    /// <summary>The status as sent, or as it would have been if the response was cut; 0 if the request was cut before handling.</summary>
    public int Status { get; init; }

    /// <summary>True if the client got no response.</summary>
    public bool Cut { get; init; }
}

/// <summary>
/// The requests to a server, oldest first. A request is logged before the first byte of its response is sent, so that a test that has the
/// response finds the request.
/// </summary>
public sealed class RequestLog
{
    /// <summary>The key under which a handler stores the body it read.</summary>
    internal static readonly object BodyKey = new();

    private const int Capacity = 100_000;

    private readonly ConcurrentQueue<RequestRecord> records = new();
    private readonly Lock gate = new();
    private int atOnce;

    internal RequestLog()
    {
    }

    public IReadOnlyList<RequestRecord> All => [.. records];

    /// <summary>The maximum number of concurrent requests, including watches.</summary>
    public int MostAtOnce { get; private set; }

    public int Count(string? method = null, string? pathPrefix = null, int? status = null) =>
        Matching(method, pathPrefix).Count(record => status is null || record.Status == status);

    public IEnumerable<RequestRecord> Matching(string? method, string? pathPrefix = null) => records.Where(record =>
        (method is null || record.Method == method) && (pathPrefix is null || record.Path.StartsWith(pathPrefix, StringComparison.Ordinal)));

    public void Clear()
    {
        records.Clear();
        lock (gate) MostAtOnce = atOnce;
    }

    internal void Add(RequestRecord record)
    {
        records.Enqueue(record);
        if (records.Count > Capacity) records.TryDequeue(out _);
    }

    internal void Enter()
    {
        lock (gate) MostAtOnce = Math.Max(MostAtOnce, ++atOnce);
    }

    internal void Leave()
    {
        lock (gate) atOnce--;
    }
}
