using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

/// <summary>A manifest or an index, as it was pushed.</summary>
internal sealed record Manifest(string Digest, string MediaType, ReadOnlyMemory<byte> Bytes)
{
    public bool IsIndex => MediaType is MediaTypes.OciIndex or MediaTypes.DockerList;

    /// <summary>The digest of the index's manifest for a platform; null when it has none.</summary>
    public string? ChildFor(string os, string architecture)
    {
        try
        {
            if (JsonNode.Parse(Bytes.Span)?["manifests"] is not JsonArray entries) return null;
            JsonNode? child = entries.FirstOrDefault(entry =>
                entry?["platform"]?["os"]?.GetValue<string>() == os && entry["platform"]?["architecture"]?.GetValue<string>() == architecture);
            return child?["digest"]?.GetValue<string>();
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
