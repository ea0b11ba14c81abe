using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <param name="Namespace">Empty for cluster-scoped kinds.</param>
internal readonly record struct ObjectKey(ResourceKind Kind, string Namespace, string Name);

/// <summary>
/// One immutable version of an object. The JSON bytes are authoritative, and ready to be sent; the other members are copies, so that selectors
/// and controllers don't have to parse.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public StoredObject(ObjectKey key, JsonObject node)
    {
        var metadata = node["metadata"]!.AsObject();
        var owner = metadata.Items("ownerReferences").FirstOrDefault(reference => reference.Flag("controller"));
        Key = key;
        Uid = metadata.Text("uid")!;
        Revision = long.Parse(metadata.Text("resourceVersion")!);
        Generation = metadata.Number("generation") ?? 0;
        Labels = metadata.Map("labels");
        Deleting = metadata["deletionTimestamp"] is not null;
        OwnerUid = owner.Text("uid");
        Owner = key.Kind == ResourceKind.Pods ? OwnerOf(key, owner) : null;
        NodeName = node.Text("spec", "nodeName");
        Ready = !Deleting && node.Items("status", "conditions").Any(condition =>
            condition.Text("type") == "Ready" && condition.Text("status") == "True");
        Json = Write(key.Kind, node);
    }

    public ObjectKey Key { get; }

    public string Uid { get; }

    public long Revision { get; }

    public int Generation { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public bool Deleting { get; }

    /// <summary>For pods, the workload that they belong to, even if it no longer exists.</summary>
    public ObjectKey? Owner { get; }

    public string? OwnerUid { get; }

    public string? NodeName { get; }

    public bool Ready { get; }

    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Returns a new tree, which the caller may change.</summary>
    public JsonObject Read() => JsonNode.Parse(Json.Span)!.AsObject();

    /// <summary>A Deployment's pods belong to a ReplicaSet, named after it and a hash.</summary>
    private static ObjectKey? OwnerOf(ObjectKey pod, JsonObject? owner)
    {
        if (owner.Text("name") is not { } name) return null;
        return owner.Text("kind") == "ReplicaSet"
            ? new ObjectKey(ResourceKind.Deployments, pod.Namespace, name[..Math.Max(0, name.LastIndexOf('-'))])
            : ResourceKind.Find(owner.Text("kind") ?? "") is { } kind ? new ObjectKey(kind, pod.Namespace, name) : null;
    }

    private static byte[] Write(ResourceKind kind, JsonObject node)
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(bytes, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", kind.Kind);
            writer.WriteString("apiVersion", kind.ApiVersion);
            foreach (var (key, value) in node)
            {
                if (key is "kind" or "apiVersion" || value is null) continue;
                writer.WritePropertyName(key);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
