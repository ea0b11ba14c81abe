using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ImageUpdater.Benchmarks;

/// <summary>Debian's <c>docker-registry</c>, a process of its own on a free loopback port, with images that are manifests and little else.</summary>
internal sealed class DebianRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-benchmark-");
    private readonly Process process;
    private readonly HttpClient http;

    private DebianRegistry()
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Address = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        }

        var config = Path.Combine(folder.FullName, "config.yml");
        File.WriteAllText(config, $$$"""
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: {{{folder.FullName}}}/store}}
            http: {addr: "{{{Address}}}"}
            """);
        var start = new ProcessStartInfo("docker-registry", ["serve", config]) { UseShellExecute = false };
        start.Environment["OTEL_TRACES_EXPORTER"] = "none";
        process = Process.Start(start)!;
        http = new HttpClient { BaseAddress = new Uri($"http://{Address}") };
    }

    public string Address { get; }

    public static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(path => File.Exists(Path.Combine(path, "docker-registry")));

    public static async Task<DebianRegistry> StartAsync()
    {
        var registry = new DebianRegistry();
        while (true)
        {
            try
            {
                using var _ = await registry.http.GetAsync(new Uri("/v2/", UriKind.Relative));
                return registry;
            }
            catch (HttpRequestException) when (!registry.process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    public async Task PushAsync(string repository, string tag, string content)
    {
        var config = Encoding.UTF8.GetBytes($$$$"""{"architecture":"amd64","os":"linux","config":{"Labels":{"content":"{{{{content}}}}"}},"rootfs":{"type":"layers","diff_ids":[]}}""");
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(config));
        using var begun = await http.PostAsync(new Uri($"/v2/{repository}/blobs/uploads/", UriKind.Relative), content: null);
        var upload = begun.EnsureSuccessStatusCode().Headers.Location!;
        await PutAsync(new Uri($"{upload}&digest={Uri.EscapeDataString(digest)}", UriKind.RelativeOrAbsolute), config, "application/octet-stream");
        var manifest = $$$"""{"schemaVersion":2,"mediaType":"{{{ManifestType}}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{digest}}}","size":{{{config.Length.ToString(CultureInfo.InvariantCulture)}}} },"layers":[]}""";
        await PutAsync(new Uri($"/v2/{repository}/manifests/{tag}", UriKind.Relative), Encoding.UTF8.GetBytes(manifest), ManifestType);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task PutAsync(Uri uri, byte[] bytes, string type)
    {
        using var body = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        using var answer = await http.PutAsync(uri, body);
        answer.EnsureSuccessStatusCode();
    }
}
