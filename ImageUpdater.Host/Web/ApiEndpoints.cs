using System.Globalization;
using System.Net.Mime;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Web;

/// <summary>The contents of the store as JSON. Each list is bounded by a limit, and says whether there is more.</summary>
internal static class ApiEndpoints
{
    public const string Json = $"{MediaTypeNames.Application.Json}; charset=utf-8";

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods("/api/v1/plans", Endpoints.Reading, PlansAsync).WithMetadata(new QueryParameters("limit"));
        app.MapMethods("/api/v1/plans/{id}", Endpoints.Reading, PlanAsync).WithMetadata(new QueryParameters());
        app.MapMethods("/api/v1/rollouts", Endpoints.Reading, RolloutsAsync).WithMetadata(new QueryParameters("since", QueryParameters.Namespace, "limit"));
        app.MapMethods("/api/v1/workloads", Endpoints.Reading, WorkloadsAsync).WithMetadata(new QueryParameters(QueryParameters.Namespace, "limit"));
    }

    private static async Task<IResult> PlansAsync(string? limit, IReportingState store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Limit(limit, fallback: 50, max: 500) is not { } most)
            return Invalid("limit", "a whole number from 1 to 500");

        var plans = await store.LatestPlansAsync(most + 1, cancellationToken);
        return Results.Text(StateLists.Plans([.. plans.Select(Listed)], most, time.GetUtcNow()), Json);
    }

    private static async Task<IResult> PlanAsync(string id, IReportingState store, CancellationToken cancellationToken) =>
        (await store.FindPlanAsync(id, cancellationToken)).IsSuccess(out var plan, out var message)
            ? Results.Text(PlanJson.Write(plan.Summary.Id, plan.Plan), Json)
            : Results.Text($"{message}\n", statusCode: StatusCodes.Status404NotFound);

    private static async Task<IResult> RolloutsAsync(
        string? since, string? @namespace, string? limit, IReportingState store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Limit(limit, fallback: 100, max: 1000) is not { } most)
            return Invalid("limit", "a whole number from 1 to 1000");
        if ((string.IsNullOrEmpty(since) ? Week : Durations.Parse(since)) is not { Ticks: > 0 } span)
            return Invalid("since", "a duration, for example 24h or 7d");

        var now = time.GetUtcNow();
        var rollouts = await store.RolloutsAsync(now - span, until: null, Scope(@namespace), most + 1, cancellationToken);
        return Results.Text(StateLists.Rollouts(rollouts, most, now), Json);
    }

    private static async Task<IResult> WorkloadsAsync(string? @namespace, string? limit, IReportingState store, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Limit(limit, fallback: 500, max: 5000) is not { } most)
            return Invalid("limit", "a whole number from 1 to 5000");

        var decisions = (await store.LoadDecisionsAsync(cancellationToken)).Values.Where(decision => Scope(@namespace) is not { } only || decision.Workload.Namespace == only);
        return Results.Text(StateLists.Workloads(decisions, await store.LoadBaselinesAsync(cancellationToken), most, time.GetUtcNow()), Json);
    }

    private static ListedPlan Listed(PlanSummary plan) => new(
        plan.Id,
        plan.CreatedAt.ToUniversalTime(),
        plan.Actor,
        plan.Status switch
        {
            PlanStatus.Planned => "planned",
            PlanStatus.Applied => "applied",
            PlanStatus.Stale => "stale",
            _ => "discarded",
        },
        plan.Scope.Namespaces,
        [.. plan.Scope.Kinds.Select(WorkloadKey.KindName)],
        new ListedCounts(plan.Counts.Restart, plan.Counts.Queued, plan.Counts.Adopted, plan.Counts.Held, plan.Counts.Skipped, plan.Counts.Unchanged));

    /// <summary>An empty parameter is an absent one.</summary>
    public static string? Scope(string? @namespace) => string.IsNullOrEmpty(@namespace) ? null : @namespace;

    private static int? Limit(string? text, int fallback, int max)
    {
        if (string.IsNullOrEmpty(text))
            return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max ? number : null;
    }

    public static IResult Invalid(string parameter, string wanted) =>
        Results.Text($"invalid {parameter}; use {wanted}\n", statusCode: StatusCodes.Status400BadRequest);
}
