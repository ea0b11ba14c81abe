using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>
/// A folder in OCI image layout with one small image, for <c>skopeo copy --all oci:FOLDER …</c>.
/// Does not use the program's own code, so that a mistake there is not repeated here.
/// </summary>
internal sealed class OciLayout : IDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string IndexType = "application/vnd.oci.image.index.v1+json";

    private OciLayout() => Folder = Directory.CreateTempSubdirectory("oci-layout-").FullName;

    public string Folder { get; }

    /// <summary>The digest that the tag will serve: of the image, or of the index of all platforms.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>Digests of the manifests in the index, by <c>os/architecture</c>; for a single image, its own.</summary>
    public Dictionary<string, string> Manifests { get; } = new(StringComparer.Ordinal);

    /// <summary>Config digests, by the same keys.</summary>
    public Dictionary<string, string> Configs { get; } = new(StringComparer.Ordinal);

    /// <param name="content">Different content gives a different digest.</param>
    public static OciLayout Image(string content, string platform = "linux/amd64")
    {
        var layout = new OciLayout();
        layout.Finish(layout.AddManifest(platform, content));
        return layout;
    }

    /// <param name="contents">Contents by <c>os/architecture</c>.</param>
    /// <param name="attestation">Adds an unknown/unknown entry, as BuildKit does.</param>
    public static OciLayout Index(IReadOnlyDictionary<string, string> contents, string? attestation = null)
    {
        var layout = new OciLayout();
        List<object> entries = [.. contents.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => layout.AddManifest(pair.Key, pair.Value))];
        if (attestation is not null)
            entries.Add(layout.AddManifest("unknown/unknown", attestation));
        layout.Finish(layout.AddBlob(new { schemaVersion = 2, mediaType = IndexType, manifests = entries }, IndexType));
        return layout;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private Descriptor AddManifest(string platform, string content)
    {
        var (os, architecture) = (platform.Split('/')[0], platform.Split('/')[1]);
        var tar = Tar(content);
        var layer = AddBytes(Gzip(tar), "application/vnd.oci.image.layer.v1.tar+gzip");
        var config = AddBlob(
            new { architecture, os, config = new { Cmd = new[] { "/bin/sleep", "1000000" } }, rootfs = new { type = "layers", diff_ids = new[] { Hash(tar) } } },
            "application/vnd.oci.image.config.v1+json");
        var manifest = AddBlob(new { schemaVersion = 2, mediaType = ManifestType, config, layers = new[] { layer } }, ManifestType);
        Manifests[platform] = manifest.Digest;
        Configs[platform] = config.Digest;
        return manifest with { Platform = new { os, architecture } };
    }

    private void Finish(Descriptor top)
    {
        Digest = top.Digest;
        File.WriteAllText(Path.Combine(Folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllBytes(Path.Combine(Folder, "index.json"), Json(new { schemaVersion = 2, manifests = new[] { top } }));
    }

    private Descriptor AddBlob(object document, string mediaType) => AddBytes(Json(document), mediaType);

    private Descriptor AddBytes(byte[] bytes, string mediaType)
    {
        var digest = Hash(bytes);
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "blobs", "sha256"));
        File.WriteAllBytes(Path.Combine(folder.FullName, digest["sha256:".Length..]), bytes);
        return new Descriptor(mediaType, digest, bytes.Length, Platform: null);
    }

    private static byte[] Tar(string content)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "content.txt")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                ModificationTime = DateTimeOffset.UnixEpoch,
            });
            if (World.RealKubeconfig is not null)
                AddSleep(writer);
        }

        return stream.ToArray();
    }

    // Contains Debian's busybox-static, which sleeps, because a real kubelet runs the image.
    private static void AddSleep(TarWriter writer)
    {
        const UnixFileMode EverybodyMayRun = (UnixFileMode)0b111_101_101;
        using var busybox = File.OpenRead("/bin/busybox");
        writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { DataStream = busybox, Mode = EverybodyMayRun, ModificationTime = DateTimeOffset.UnixEpoch });
        writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/sleep") { LinkName = "busybox", ModificationTime = DateTimeOffset.UnixEpoch });
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    private static byte[] Json(object document) => JsonSerializer.SerializeToUtf8Bytes(document, JsonSerializerOptions.Web);

    private static string Hash(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed record Descriptor(string MediaType, string Digest, long Size, object? Platform);
}
