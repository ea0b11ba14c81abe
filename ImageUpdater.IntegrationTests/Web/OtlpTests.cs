using System.Net;
using System.Text;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Web;

public sealed class OtlpTests
{
    [SkippableFact]
    public async Task Run_WithAnEndpoint_SendsItsMetricsThere()
    {
        var port = RunningHost.FreePort();
        using var collector = new HttpListener();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        await using var world = await World.StartSandboxAsync();
        await using var host = await RunningHost.StartAsync(
            world,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"));

        var received = "";
        await Eventually.HoldsAsync("our metrics and the runtime's came", async () =>
        {
            var context = await collector.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60));
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
            Assert.Equal("/v1/metrics", context.Request.Url!.AbsolutePath);

            // Names are plain text in the binary form.
            received = Encoding.Latin1.GetString(body.ToArray());
            return received.Contains("image_updater_cycles_total", StringComparison.Ordinal)
                && received.Contains("image_updater_ready", StringComparison.Ordinal) && received.Contains("dotnet.gc.collections", StringComparison.Ordinal);
        });
        Assert.Contains("image-updater", received);
    }
}
