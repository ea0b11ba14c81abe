using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>Scrapes the controller with a real Prometheus and queries that.</summary>
public sealed class PrometheusTests
{
    [Fact]
    public async Task Prometheus_ScrapesTheController_AnswersQueries()
    {
        await using var world = await World.StartSandboxAsync();
        await using var host = await MetricsTests.StartWithARestartAsync(world);
        await using var prometheus = await PrometheusServer.StartAsync(host.Port);

        await AnswersAsync("up{job=\"image-updater\"}", answer => answer == "1");
        await AnswersAsync("sum(image_updater_rollouts_total{outcome=\"succeeded\"})", answer => answer == "1");
        await AnswersAsync("time() - image_updater_observation_last_success_timestamp_seconds < bool 60", answer => answer == "1");
        await AnswersAsync("histogram_quantile(0.9, sum by (le) (rate(image_updater_cycle_duration_seconds_bucket[1m]))) > 0", answer => answer is not null and not "NaN");

        async Task AnswersAsync(string query, Func<string?, bool> isRight)
        {
            string? last = null;
            await Eventually.HoldsAsync(query, async () => isRight(last = await prometheus.QueryAsync(query)), () => $"last answer: {last}");
        }
    }
}
