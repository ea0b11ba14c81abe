using System.Net.Mime;
using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Reporting;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Web;

/// <summary>The web endpoints. They are read-only, except <see cref="ActionEndpoints"/>.</summary>
internal static class Endpoints
{
    public static readonly string[] Reading = ["GET", "HEAD"];

    private const int MaxNamed = 5;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private static readonly string[] ProbesAndMetrics = ["/healthz", "/startupz", "/readyz", "/metrics"];

    private static readonly QueryParameters Namespace = new(QueryParameters.Namespace);

    /// <summary>Programs read these, often, and they are small: they are never limited and need no authentication.</summary>
    public static bool AreProbesOrMetrics(HttpContext context) => ProbesAndMetrics.Contains(context.Request.Path.Value, StringComparer.Ordinal);

    public static void Map(WebApplication app, string cluster)
    {
        var origin = new ReportOrigin(cluster, app.Services.GetRequiredService<RestartOptions>().ObserveOnly);
        app.Use(SecurityHeaders.ApplyAsync);
        app.Use(app.Services.GetRequiredService<ActionAccess>().ApplyAsync);
        // Before the limit: who may not read must not take the place of a reader. It costs less than what the limit protects.
        app.Use(app.Services.GetRequiredService<Authentication>().ApplyAsync);
        app.Use(QueryParameters.ValidateAsync);
        app.Use(app.Services.GetRequiredService<ReaderLimit>().ApplyAsync);
        app.MapMethods("/healthz", Reading, () => Results.Text("ok\n"));
        app.MapMethods("/startupz", Reading, Started);
        app.MapMethods("/readyz", Reading, ReadyAsync);
        app.Services.GetRequiredService<Instruments>().Map(app, "/metrics", Reading, app.Services.GetRequiredService<ControllerGauges>().Refresh);
        app.MapMethods("/", Reading, (string? @namespace, IReportingState store, TimeProvider time, CancellationToken cancellationToken) => HtmlAsync(store, time, Week, @namespace, origin, cancellationToken)).WithMetadata(Namespace);
        app.MapMethods("/reports", Reading, (string? @namespace, IReportingState store, TimeProvider time, CancellationToken cancellationToken) => HtmlAsync(store, time, Week, @namespace, origin, cancellationToken)).WithMetadata(Namespace);
        app.MapMethods("/reports/{span}.md", Reading, async (string span, string? @namespace, IReportingState store, TimeProvider time, CancellationToken cancellationToken) =>
            Durations.Parse(span) is { Ticks: > 0 } since
                ? Results.Text(AuditReportRenderer.Markdown(await ReportSource.ReadAsync(store, since, ApiEndpoints.Scope(@namespace), origin, time, cancellationToken)), "text/markdown; charset=utf-8")
                : InvalidDuration()).WithMetadata(Namespace);
        app.MapMethods("/reports/{span}", Reading, async (string span, string? @namespace, IReportingState store, TimeProvider time, CancellationToken cancellationToken) =>
            Durations.Parse(span) is { Ticks: > 0 } since ? await HtmlAsync(store, time, since, @namespace, origin, cancellationToken) : InvalidDuration()).WithMetadata(Namespace);
        ApiEndpoints.Map(app);
        ActionEndpoints.Map(app);
        app.MapFallback("{**path}", (HttpContext context) => ActionEndpoints.IsPath(context.Request.Path)
            ? Results.Text("method not allowed; use POST\n", statusCode: StatusCodes.Status405MethodNotAllowed)
            : Results.Text("not found; try /, /reports/24h, /reports/7d.md, /api/v1/workloads, /metrics or /readyz\n", statusCode: StatusCodes.Status404NotFound))
            .WithMetadata(new HttpMethodMetadata(Reading));
    }

    public static Task AnswerAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync($"{message}\n", context.RequestAborted);
    }

    private static async Task<IResult> HtmlAsync(IReportingState store, TimeProvider time, TimeSpan since, string? @namespace, ReportOrigin origin, CancellationToken cancellationToken) =>
        Results.Text(AuditReportRenderer.Html(await ReportSource.ReadAsync(store, since, ApiEndpoints.Scope(@namespace), origin, time, cancellationToken)), $"{MediaTypeNames.Text.Html}; charset=utf-8");

    private static IResult Started(ControllerState state) => state.HasStarted
        ? Results.Text("started\n")
        : Results.Text("not started: the first cycle has not ended\n", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken cancellationToken) => await readiness.MissingAsync(cancellationToken) is { Count: > 0 } missing
        ? Results.Text($"not ready: {string.Join("; ", missing)}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
        : Results.Text($"ready{(readiness.IsObserveOnly ? "; observe only: nothing is restarted" : "")}{(readiness.Late is { Count: > 0 } late ? $"; restarts for some images wait for these registries to answer: {NamesOf(late)}" : "")}\n");

    private static string NamesOf(IReadOnlyList<string> registries) =>
        string.Join(", ", registries.Take(MaxNamed).Select(name => UntrustedText.Bound(name))) + (registries.Count > MaxNamed ? $" and {registries.Count - MaxNamed} more" : "");

    private static IResult InvalidDuration() =>
        Results.Text("invalid duration; use for example /reports/24h, /reports/7d or /reports/30d.md\n", statusCode: StatusCodes.Status404NotFound);
}
