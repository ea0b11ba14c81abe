using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox;

/// <summary>One request as a sandbox server saw it.</summary>
public sealed record RequestRecord
{
    public required string Method { get; init; }

    /// <summary>The path as it was sent, still percent-encoded.</summary>
    public required string Path { get; init; }

    /// <summary>Empty, or with its question mark.</summary>
    public required string Query { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>The whole header, so that tests can look for leaked secrets.</summary>
    public string? Authorization { get; init; }

    /// <summary>Of requests that change something; registry uploads leave it out.</summary>
    public string? Body { get; init; }

    /// <summary>The status as sent, or as it would have been where the answer was cut; 0 when cut before handling.</summary>
    public int Status { get; init; }

    /// <summary>True when the client got no answer.</summary>
    public bool Cut { get; init; }
}

/// <summary>
/// What a server was asked, oldest first. A request is in here before its answer's first byte leaves,
/// so a test that has its answer finds its request.
/// </summary>
public sealed class RequestLog
{
    /// <summary>Under this key a handler leaves the body that it read.</summary>
    internal static readonly object BodyKey = new();

    private const int Capacity = 100_000;

    private readonly ConcurrentQueue<RequestRecord> records = new();
    private readonly Lock gate = new();
    private int atOnce;

    internal RequestLog()
    {
    }

    public IReadOnlyList<RequestRecord> All => [.. records];

    /// <summary>The most requests that were being answered at the same time, watches included.</summary>
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
