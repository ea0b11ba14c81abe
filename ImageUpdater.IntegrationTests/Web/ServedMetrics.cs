using System.Net;
using ImageUpdater.Host.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>A metrics registry and its endpoint on loopback, without the rest of the program.</summary>
internal sealed class ServedMetrics : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly HttpClient http;

    private ServedMetrics(WebApplication application)
    {
        this.application = application;
        http = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
    }

    public static async Task<ServedMetrics> StartAsync(MetricRegistry metrics, Action? refresh = null)
    {
        // The same host builder as in the program.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var built = builder.Build();
        metrics.Map(built, "/metrics", ["GET", "HEAD"], refresh ?? (() => { }));
        await built.StartAsync();
        return new ServedMetrics(built);
    }

    public Task<HttpResponseMessage> AnswerAsync() => http.GetAsync(new Uri("/metrics", UriKind.Relative));

    /// <summary>The lines that are not comments.</summary>
    public async Task<IReadOnlyList<string>> SamplesAsync()
    {
        using var answer = await AnswerAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'))];
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await application.DisposeAsync();
    }
}
