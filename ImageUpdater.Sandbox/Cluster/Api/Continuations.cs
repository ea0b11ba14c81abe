using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>
/// Continue tokens: the revision of the first page and the last key of the page before. Snapshots are kept for a time,
/// as etcd keeps revisions until a compaction; they share almost all of their memory.
/// </summary>
internal sealed class Continuations(ObjectStore store, TimeProvider time, TimeSpan lifetime)
{
    private const string TooOld =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
        + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an "
        + "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

    /// <summary>In a token: whatever the revision is by then.</summary>
    private const long Inconsistent = -1;

    private readonly Lock gate = new();
    private readonly Dictionary<(ResourceKind Kind, long Revision), (Snapshot Snapshot, DateTimeOffset Until)> kept = [];

    public string Issue(ResourceKind kind, Snapshot snapshot, string lastKey)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (gate)
        {
            foreach (var old in kept.Where(entry => entry.Value.Until <= now).Select(entry => entry.Key).ToList()) kept.Remove(old);
            kept[(kind, snapshot.Revision)] = (snapshot, now + lifetime);
        }

        return Encode(snapshot.Revision, lastKey);
    }

    public Snapshot? Find(ResourceKind kind, string token, bool expire, out string after, out ApiStatus? failure)
    {
        failure = null;
        if (Decode(token, out after) is not { } revision)
        {
            failure = ApiStatus.BadRequest("invalid continue token: continue key is not valid");
            return null;
        }

        if (revision == Inconsistent) return store.Snapshot(kind);
        lock (gate)
        {
            if (!expire && kept.TryGetValue((kind, revision), out var entry) && entry.Until > time.GetUtcNow()) return entry.Snapshot;
        }

        failure = ApiStatus.Expired(TooOld) with { Metadata = new JsonObject { ["continue"] = Encode(Inconsistent, after) } };
        return null;
    }

    /// <summary>As a compaction does: no continue token handed out so far works any more.</summary>
    public void Forget()
    {
        lock (gate) kept.Clear();
    }

    private static string Encode(long revision, string lastKey)
    {
        var token = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = lastKey };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(token.ToJsonString())).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static long? Decode(string token, out string after)
    {
        after = "";
        try
        {
            string padded = token.Replace('-', '+').Replace('_', '/').PadRight((token.Length + 3) / 4 * 4, '=');
            JsonNode? node = JsonNode.Parse(Convert.FromBase64String(padded));
            after = node.Text("start") ?? "";
            return node.At("rv") is JsonValue value && value.TryGetValue(out long revision) ? revision : null;
        }
        catch (Exception problem) when (problem is FormatException or JsonException)
        {
            return null;
        }
    }
}
