using ImageUpdater.Core;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Web;

/// <summary>
/// The endpoints that ask the controller to check and plan now. What it finds it rolls out as after any other check; nothing here restarts, releases or
/// approves anything.
/// </summary>
internal static class ActionEndpoints
{
    public const string CheckPath = "/api/v1/check";
    public const string PlanPath = "/api/v1/plan";

    private const string Actor = "controller, asked by POST /api/v1/plan";

    private static readonly string[] Writing = ["POST"];

    // The plan is for reading: what it decides is the controller's own decision, which its cycle records.
    private static readonly JournalEntry NoJournal = new(Decisions: [], Gone: [], Adopted: [], Audit: []);

    public static bool IsPath(PathString path) => path.Value is CheckPath or PlanPath;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods(CheckPath, Writing, CheckAsync).WithMetadata(new QueryParameters("image", "kind", "name", QueryParameters.Namespace), new ControllerAction());
        app.MapMethods(PlanPath, Writing, PlanAsync).WithMetadata(new QueryParameters("refresh", QueryParameters.Namespace), new ControllerAction());
    }

    private static async Task<IResult> CheckAsync(
        string? image, string? kind, string? name, string? @namespace, CheckRequests requests, TimeProvider time, CancellationToken cancellationToken)
    {
        ImageReference? reference = null;
        WorkloadKind? ofKind = null;
        if (!string.IsNullOrEmpty(image) && !ImageReference.TryParse(image, out reference))
            return ApiEndpoints.Invalid("image", "an image as in a workload, for example nginx:1.27");
        if (!string.IsNullOrEmpty(kind) && !WorkloadKey.TryParseKind(kind, out ofKind))
            return ApiEndpoints.Invalid("kind", "deployment, statefulset or daemonset");

        var selection = new CheckSelection(ApiEndpoints.Scope(@namespace), ofKind, string.IsNullOrEmpty(name) ? null : name, reference);
        if (await requests.RunAsync(selection, cancellationToken) is not { } answer)
            return TooMany();
        if (!answer.IsSuccess(out var made, out var failure))
            return NotNow(failure);

        var images = CheckedImages.Of(made, selection);
        return images.Count == 0
            ? Results.Text($"{CheckedImages.NoneFound}\n", statusCode: StatusCodes.Status404NotFound)
            : new LimitedResult(() => Results.Text(CheckedImageList.Write(images, time.GetUtcNow()), ApiEndpoints.Json));
    }

    private static async Task<IResult> PlanAsync(string? refresh, string? @namespace, CheckRequests requests, IPlanningState store, CancellationToken cancellationToken)
    {
        if (!bool.TryParse(string.IsNullOrEmpty(refresh) ? bool.TrueString : refresh, out var isChecking))
            return ApiEndpoints.Invalid("refresh", "true or false");

        var scope = ApiEndpoints.Scope(@namespace);
        if (await requests.RunAsync(isChecking ? new CheckSelection(scope) : null, cancellationToken) is not { } answer)
            return TooMany();
        if (!answer.IsSuccess(out var made, out var failure))
            return NotNow(failure);

        var plan = scope is null ? made.Plan : Of(made.Plan, scope);
        var id = Identifiers.New("p");
        await store.SavePlanAsync(id, plan, Actor, NoJournal, cancellationToken);
        return new LimitedResult(() => Results.Text(PlanJson.Write(id, plan), ApiEndpoints.Json));
    }

    private static RolloutPlan Of(RolloutPlan plan, string @namespace)
    {
        List<WorkloadPlan> workloads = [.. plan.Workloads.Where(workload => workload.Key.Namespace == @namespace)];
        var images = workloads.SelectMany(workload => workload.Containers).Select(container => container.Image).OfType<ImageReference>().ToHashSet();
        return plan with
        {
            Scope = plan.Scope with { Namespaces = [@namespace] },
            Workloads = workloads,
            Images = [.. plan.Images.Where(outlook => images.Contains(outlook.Image))],
            ImageCount = images.Count,
            NotEnabled = null,
        };
    }

    private static IResult NotNow(string message) => Results.Text($"{UntrustedText.Bound(message)}\n", statusCode: StatusCodes.Status503ServiceUnavailable);

    private static IResult TooMany() => Results.Text(
        $"{CheckRequests.MostWaiting} requests wait for a check already; retry in a few seconds\n", statusCode: StatusCodes.Status503ServiceUnavailable);

    /// <summary>While they wait for a cycle, requests take no reader's place; what they answer may be large, and is made in one.</summary>
    private sealed class LimitedResult(Func<IResult> make) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) =>
            httpContext.RequestServices.GetRequiredService<ReaderLimit>().RunAsync(httpContext, context => make().ExecuteAsync(context));
    }
}
