using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>
/// One version of one object, never changed. The JSON bytes are the truth, ready to be sent; the members beside
/// them are what selectors and the controller look at without parsing.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    private StoredObject(ResourceKind kind, JsonObject node, byte[] json)
    {
        JsonObject metadata = node["metadata"]!.AsObject();
        Kind = kind;
        Json = json;
        Name = metadata.Text("name")!;
        Namespace = metadata.Text("namespace") ?? "";
        Uid = metadata.Text("uid")!;
        ResourceVersion = long.Parse(metadata.Text("resourceVersion")!);
        Generation = metadata.Number("generation") ?? 0;
        Labels = metadata.Map("labels");
        Deleting = metadata["deletionTimestamp"] is not null;
        OwnerUid = metadata.Items("ownerReferences").FirstOrDefault(owner => owner.Flag("controller")).Text("uid");
        NodeName = node.Text("spec", "nodeName") ?? "";
        Phase = node.Text("status", "phase") ?? "";
        if (kind == ResourceKinds.Pods) ReadySince = ReadTime(node);
    }

    public ResourceKind Kind { get; }

    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    public long ResourceVersion { get; }

    public int Generation { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public bool Deleting { get; }

    public string? OwnerUid { get; }

    public string NodeName { get; }

    public string Phase { get; }

    /// <summary>Pods only: since when they are ready; null when they are not.</summary>
    public DateTimeOffset? ReadySince { get; }

    public ReadOnlyMemory<byte> Json { get; }

    public string Key => KeyOf(Namespace, Name);

    /// <summary>Orders as etcd does: by namespace, then name, a slash between them.</summary>
    public static string KeyOf(string ns, string name) => $"{ns}/{name}";

    /// <summary>A tree of the caller's own, to change as it likes.</summary>
    public JsonObject Read() => JsonNode.Parse(Json.Span)!.AsObject();

    public static StoredObject From(ResourceKind kind, JsonObject node)
    {
        ArrayBufferWriter<byte> bytes = buffer ??= new ArrayBufferWriter<byte>(4096);
        bytes.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(bytes, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", kind.Kind);
            writer.WriteString("apiVersion", kind.ApiVersion);
            foreach ((string key, JsonNode? value) in node)
            {
                if (key is "kind" or "apiVersion" || value is null) continue;
                writer.WritePropertyName(key);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return new StoredObject(kind, node, bytes.WrittenSpan.ToArray());
    }

    private static DateTimeOffset? ReadTime(JsonObject pod)
    {
        JsonObject? ready = pod.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Ready");
        if (ready.Text("status") != "True") return null;
        return DateTimeOffset.TryParse(ready.Text("lastTransitionTime"), out DateTimeOffset at) ? at : DateTimeOffset.MinValue;
    }
}
