using System.Collections.Concurrent;

namespace ImageUpdater.Sandbox;

/// <summary>
/// What a server was asked, oldest first. A request is in here before its answer's first byte leaves,
/// so a test that has its answer finds its request.
/// </summary>
public sealed class RequestLog
{
    private readonly ConcurrentQueue<RequestRecord> records = new();
    private readonly int capacity;
    private long last;
    private int atOnce;
    private int mostAtOnce;

    internal RequestLog(int capacity) => this.capacity = capacity;

    public IReadOnlyList<RequestRecord> All => [.. records];

    /// <summary>The most requests that were being answered at the same time, watches included.</summary>
    public int MostAtOnce => Volatile.Read(ref mostAtOnce);

    public int Count(string? method = null, string? pathPrefix = null, int? status = null) =>
        Matching(method, pathPrefix).Count(record => status is null || record.Status == status);

    public IEnumerable<RequestRecord> Matching(string? method, string? pathPrefix = null) =>
        records.Where(record =>
            (method is null || string.Equals(record.Method, method, StringComparison.OrdinalIgnoreCase))
            && (pathPrefix is null || record.Path.StartsWith(pathPrefix, StringComparison.Ordinal)));

    public void Clear()
    {
        records.Clear();
        Volatile.Write(ref mostAtOnce, Volatile.Read(ref atOnce));
    }

    internal long NextNumber() => Interlocked.Increment(ref last);

    internal void Add(RequestRecord record)
    {
        records.Enqueue(record);
        while (records.Count > capacity && records.TryDequeue(out _))
        {
        }
    }

    internal void Enter()
    {
        int now = Interlocked.Increment(ref atOnce);
        int most = Volatile.Read(ref mostAtOnce);
        while (now > most)
        {
            int seen = Interlocked.CompareExchange(ref mostAtOnce, now, most);
            if (seen == most) break;
            most = seen;
        }
    }

    internal void Leave() => Interlocked.Decrement(ref atOnce);
}
