using System.Diagnostics;
using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>Runs Debian's <c>prometheus</c> on a free loopback port; it scrapes one target every second.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly DirectoryInfo folder;
    private readonly Process process;
    private readonly HttpClient http;
    private readonly Task<string> errors;

    private PrometheusServer(DirectoryInfo folder, Process process, int port)
    {
        this.folder = folder;
        this.process = process;
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        // Both streams are drained: a full pipe would block the process.
        errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Skips the test if the program is missing.</summary>
    public static async Task<PrometheusServer> StartAsync(int targetPort)
    {
        if (Requirement.Find("prometheus") is null)
            Requirement.Skip("prometheus", "prometheus is not installed (Debian: apt-get install prometheus)");

        var temporary = Directory.CreateTempSubdirectory("prometheus-");
        var config = Path.Combine(temporary.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(config, $$"""
            global: {scrape_interval: 1s}
            scrape_configs:
              - job_name: image-updater
                static_configs: [{targets: ["127.0.0.1:{{targetPort}}"]}]

            """);
        var port = RunningHost.FreePort();
        var start = new ProcessStartInfo(
            "prometheus",
            [$"--config.file={config}", $"--storage.tsdb.path={temporary.FullName}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return new PrometheusServer(temporary, Process.Start(start)!, port);
    }

    /// <summary>The value of the query's only series; null if there is none yet.</summary>
    public async Task<string?> QueryAsync(string query)
    {
        Assert.False(process.HasExited, process.HasExited ? $"prometheus ended: {await errors}" : "");
        try
        {
            var answer = JsonNode.Parse(await http.GetStringAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative)))!;
            return answer["data"]!["result"]!.AsArray() is [var only] ? only!["value"]![1]!.GetValue<string>() : null;
        }
        catch (HttpRequestException)
        {
            // Not listening or not ready yet.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }
}
