using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Registry;

internal static class MediaTypes
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
}

internal static class Digests
{
    public static string Of(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>A manifest or an index, as pushed.</summary>
internal sealed record Manifest(string Digest, string MediaType, ReadOnlyMemory<byte> Bytes)
{
    public bool IsIndex => MediaType is MediaTypes.OciIndex or MediaTypes.DockerList;

    /// <summary>The digest of the index's manifest for a platform; null if it has none.</summary>
    public string? ChildFor(string os, string architecture)
    {
        try
        {
            return JsonNode.Parse(Bytes.Span).Items("manifests")
                .FirstOrDefault(entry => entry.Text("platform", "os") == os && entry.Text("platform", "architecture") == architecture)
                .Text("digest");
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
