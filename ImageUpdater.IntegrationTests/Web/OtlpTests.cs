using System.Net;
using System.Text;
using ImageUpdater.IntegrationTests.BadInput;
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

    /// <summary>OpenTelemetry itself says nothing of what it can't do.</summary>
    [SkippableFact]
    public async Task Run_NobodyAtTheEndpoint_IsAWarningOnceAndNothingElseSuffers()
    {
        var endpoint = $"http://127.0.0.1:{RunningHost.FreePort()}";
        await using var world = await World.StartSandboxAsync();
        await using var host = await RunningHost.StartAsync(
            world,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ("Logging__LogLevel__ImageUpdater.Host.Metrics", "Debug"),
            ("ImageUpdater__Logs", "Json"));

        await Eventually.HoldsAsync("it was tried several times", () => Task.FromResult(Lines("Debug").Count >= 3), () => host.Process.Output);

        Assert.Collection(
            Lines("Warning"),
            line => Assert.Contains("OTEL_EXPORTER_OTLP_PROTOCOL", line),
            line => Assert.Contains(endpoint, line));
        Assert.All(Lines("Warning"), line => Assert.DoesNotContain("   at ", line));
        await host.ReadyAsync();
        Assert.Equal(0, (await host.Process.TerminateAsync()).ExitCode);

        List<string> Lines(string level) =>
            [.. host.Process.Output.Split('\n').Where(line => line.Contains($"\"LogLevel\":\"{level}\",\"Category\":\"ImageUpdater.Host.Metrics.OtlpTrouble\"", StringComparison.Ordinal))];
    }

    [SkippableFact]
    public async Task Run_HeadersThatAreNone_IsRefusedInASentence()
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4317";
        world.HostEnvironment["OTEL_EXPORTER_OTLP_HEADERS"] = "s3cret";

        await using var run = world.Start("run");

        Assert.DoesNotContain("s3cret", Sentence.Of(await run.EndAsync(), "OTEL_EXPORTER_OTLP_HEADERS"));
    }
}
