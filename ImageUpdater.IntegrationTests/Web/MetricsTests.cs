using System.Diagnostics;
using System.Globalization;
using ImageUpdater.Host.Metrics;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>/metrics of a controller after a restart.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Metrics_AfterARestart_CountItAndPassPromtool()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await StartWithARestartAsync(world);

        using var answer = await host.AnswerAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal(1, Value(text, "image_updater_applied_changes_total{kind=\"deployment\",outcome=\"restarted\"}"));
        Assert.Equal(1, Value(text, "image_updater_rollouts_total{kind=\"deployment\",outcome=\"succeeded\"}"));
        Assert.Equal(1, Value(text, "image_updater_rollout_duration_seconds_count{kind=\"deployment\",outcome=\"succeeded\"}"));
        Assert.Equal(0, Value(text, "image_updater_rollouts_total{kind=\"daemonset\",outcome=\"failed\"}"));
        Assert.Equal(1, Value(text, "image_updater_plan_changes_total{action=\"restart\",reason=\"digest-changed\"}"));
        Assert.Equal(1, Value(text, "image_updater_audit_records_total{action=\"restarted\"}"));
        Assert.Equal(1, Value(text, "image_updater_workloads{kind=\"deployment\"}"));
        Assert.Equal(1, Value(text, $"image_updater_images_tracked{{registry=\"{world.RegistryAddress}\"}}"));
        Assert.Equal(0, Value(text, "image_updater_holds{reason=\"paused\"}"));
        Assert.True(Value(text, $"image_updater_registry_requests_total{{registry=\"{world.RegistryAddress}\",code=\"200\"}}") >= 2);
        Assert.True(Value(text, "image_updater_cycles_total{result=\"success\"}") >= 2);
        Assert.True(Value(text, "image_updater_store_size_bytes") > 0);
        Assert.True(Value(text, "image_updater_store_volume_available_bytes") > 0);
        Assert.True(Value(text, "process_cpu_seconds_total") > 0);
        Assert.True(Value(text, "process_resident_memory_bytes") > 1e6);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.InRange(Value(text, "image_updater_cycle_last_success_timestamp_seconds"), now - 60, now + 60);
        Assert.InRange(Value(text, $"image_updater_observation_last_success_timestamp_seconds{{registry=\"{world.RegistryAddress}\"}}"), now - 60, now + 60);
        Assert.InRange(Value(text, "process_start_time_seconds"), now - 600, now);
        Assert.DoesNotContain("sha256", text);
        Assert.DoesNotContain(world.Namespace, text);

        using var instruments = new Instruments();
        Assert.Equal(
            instruments.All.SelectMany(metric => (string[])[$"# HELP {metric.Name} {metric.Help}", $"# TYPE {metric.Name} {metric.Type.ToString().ToLowerInvariant()}"]).Order(StringComparer.Ordinal),
            text.Split('\n').Where(line => line.StartsWith('#')).Order(StringComparer.Ordinal));

        await PromtoolAcceptsAsync(text);
    }

    [Fact]
    public async Task Metrics_ForWhoPrefersOpenMetrics_AreInThatFormat()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await StartWithARestartAsync(world);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE image_updater_rollouts counter\n", text);
        Assert.Equal(1, Value(text, "image_updater_rollouts_total{kind=\"deployment\",outcome=\"succeeded\"}"));
        // An exemplar with a trace id would follow.
        Assert.DoesNotContain(" # {", text);
    }

    [Fact]
    public async Task Metrics_ManyScrapesAtOnce_AllGetTheWholeText()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await RunningHost.StartAsync(world);
        await host.ReadyAsync();

        var texts = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => host.TextAsync("/metrics")));

        // Each observed series exists once, and none is added by concurrent scrapes.
        Assert.All(texts, text => Assert.Equal(1, Value(text, "image_updater_build_info")));
        Assert.All(texts, text => Assert.Equal(texts[0].Split('\n').Count(line => line.StartsWith('#')), text.Split('\n').Count(line => line.StartsWith('#'))));
    }

    internal static async Task<RunningHost> StartWithARestartAsync(World world, params (string Name, string Value)[] options)
    {
        await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled());
        var host = await RunningHost.StartAsync(world, options);
        await host.ReadyAsync();
        await world.PushAsync("web", "two");
        await Eventually.HoldsAsync(
            "the rollout is written down",
            async () => (await host.TextAsync("/metrics")).Contains("image_updater_rollouts_total{kind=\"deployment\",outcome=\"succeeded\"} 1", StringComparison.Ordinal),
            () => host.Process.Output);
        return host;
    }

    // The first series whose name and labels start with this text.
    private static double Value(string text, string series)
    {
        var line = Array.Find(text.Split('\n'), line => line.StartsWith(series, StringComparison.Ordinal));
        Assert.True(line is not null, $"no {series} in\n{text}");
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    private static async Task PromtoolAcceptsAsync(string text)
    {
        if (Requirement.Find("promtool") is null)
            Requirement.Skip("prometheus", "promtool is not installed (Debian: apt-get install prometheus)");

        var start = new ProcessStartInfo("promtool", ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var promtool = Process.Start(start)!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode == 0 && said.Length == 0, $"promtool check metrics: exit {promtool.ExitCode}\n{said}");
    }
}
