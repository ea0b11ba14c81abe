using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Lists, whole or in pages. All pages of one list show the cluster as it was at the first.</summary>
internal sealed class ListHandler(ObjectStore store, Continuations continuations)
{
    public async Task HandleAsync(HttpContext context, ApiTarget target, bool expire)
    {
        IQueryCollection query = context.Request.Query;
        if (ObjectFilter.Parse(target, query, out ApiStatus? failure) is not { } filter)
        {
            await context.Response.WriteAsync(failure!);
            return;
        }

        if (query["limit"].ToString() is { Length: > 0 } text && !int.TryParse(text, out _))
        {
            await context.Response.WriteAsync(ApiStatus.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax"));
            return;
        }

        if (query.ContainsKey("continue") && query["resourceVersion"].ToString() is { Length: > 0 } and not "0")
        {
            await context.Response.WriteAsync(ApiStatus.BadRequest("specifying resource version is not allowed when using continue"));
            return;
        }

        var after = "";
        Snapshot? snapshot;
        if (query["continue"].ToString() is { Length: > 0 } token)
        {
            snapshot = continuations.Find(target.Kind, token, expire, out after, out failure);
            if (snapshot is null)
            {
                await context.Response.WriteAsync(failure!);
                return;
            }
        }
        else
        {
            snapshot = store.Snapshot(target.Kind);
        }

        int limit = int.TryParse(query["limit"], out int asked) && asked > 0 ? asked : int.MaxValue;
        await context.Response.WriteBytesAsync(Write(target.Kind, snapshot, filter, after, limit), StatusCodes.Status200OK);
    }

    private ReadOnlyMemory<byte> Write(ResourceKind kind, Snapshot snapshot, ObjectFilter filter, string after, int limit)
    {
        var page = new List<StoredObject>();
        var beyond = 0;
        foreach ((string key, StoredObject stored) in snapshot.Objects)
        {
            if (after.Length > 0 && string.CompareOrdinal(key, after) <= 0) continue;
            if (!filter.Matches(stored)) continue;
            if (page.Count < limit) page.Add(stored);
            else beyond++;
            // With selectors nobody is told how many follow: one is enough to know that there are any.
            if (beyond > 0 && filter.HasSelectors) break;
        }

        var metadata = new JsonObject { ["resourceVersion"] = snapshot.Revision.ToString() };
        if (beyond > 0)
        {
            metadata["continue"] = continuations.Issue(kind, snapshot, page[^1].Key);
            if (!filter.HasSelectors) metadata["remainingItemCount"] = beyond;
        }

        string head = $$"""{"kind":"{{kind.Kind}}List","apiVersion":"{{kind.ApiVersion}}","metadata":{{metadata.ToJsonString()}},"items":[""";
        var buffer = new ArrayBufferWriter<byte>(256 + page.Sum(stored => stored.Json.Length));
        Encoding.UTF8.GetBytes(head, buffer);
        for (var i = 0; i < page.Count; i++)
        {
            buffer.Write(i == 0 ? "{"u8 : ",{"u8);
            // Items carry no kind and apiVersion of their own, as those of the real server.
            buffer.Write(page[i].Json.Span[kind.JsonHead.Length..]);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }
}
