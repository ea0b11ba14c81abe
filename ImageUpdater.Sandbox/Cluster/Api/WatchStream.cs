using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Writes the lines of one watch.</summary>
internal sealed class WatchStream(HttpResponse response, ResourceKind kind)
{
    private readonly ArrayBufferWriter<byte> buffer = new();

    public async Task WriteAsync(byte[] type, StoredObject stored, CancellationToken cancel)
    {
        buffer.Write("{\"type\":\""u8);
        buffer.Write(type);
        buffer.Write("\",\"object\":"u8);
        buffer.Write(stored.Json.Span);
        buffer.Write("}\n"u8);
        if (buffer.WrittenCount > 64 * 1024) await FlushAsync(cancel);
    }

    public async Task BookmarkAsync(long revision, bool initialEnd, CancellationToken cancel)
    {
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString() };
        if (initialEnd) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        await LineAsync("BOOKMARK", new JsonObject { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion, ["metadata"] = metadata }, cancel);
    }

    public Task ExpiredAsync(string message, CancellationToken cancel) => LineAsync("ERROR", ApiStatus.Expired(message).ToJson(), cancel);

    public async Task FlushAsync(CancellationToken cancel)
    {
        if (buffer.WrittenCount == 0) return;
        await response.Body.WriteAsync(buffer.WrittenMemory, cancel);
        await response.Body.FlushAsync(cancel);
        buffer.ResetWrittenCount();
    }

    private async Task LineAsync(string type, JsonObject node, CancellationToken cancel)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = node };
        Encoding.UTF8.GetBytes(line.ToJsonString() + "\n", buffer);
        await FlushAsync(cancel);
    }
}
