using System.Text;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Every request to the Kubernetes API: who asks, what for, and to which handler it goes.</summary>
internal sealed class ApiServer(Access access, ObjectStore store, ObjectWriter writer, ListHandler lists, WatchHandler watches, WriteHandler writes)
{
    public async Task HandleAsync(HttpContext context, ClusterFault? fault, CancellationToken cancel)
    {
        HttpResponse response = context.Response;
        if (fault?.RetryAfter is { } retryAfter) response.Headers.RetryAfter = retryAfter;
        if (fault?.Status is { } status)
        {
            await response.WriteAsync(ApiStatus.OfCode(status));
            return;
        }

        string path = context.Request.Path.Value!;
        if (path is "/readyz" or "/livez" or "/healthz")
        {
            response.ContentType = "text/plain";
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes("ok"), cancel);
        }
        else if (access.Authenticate(context.Request.Headers.Authorization) is not { } user)
        {
            await response.WriteAsync(ApiStatus.Unauthorized);
        }
        else if (Discovery.Find(path) is { } document)
        {
            await response.WriteAsync(document);
        }
        else if (!Discovery.KnowsGroupOf(path))
        {
            await response.WriteNoPageAsync();
        }
        else if (ApiTarget.Parse(path) is not { } target || !Serves(target))
        {
            await response.WriteAsync(ApiStatus.UnknownPath);
        }
        else if (Verb(context.Request, target) is not { } verb)
        {
            await response.WriteAsync(ApiStatus.MethodNotAllowed);
        }
        else if (access.Authorize(user, verb, target) is { } refusal)
        {
            await response.WriteAsync(refusal);
        }
        else
        {
            if (fault is { Conflict: true } && target.Name is { } name)
                writer.Update(target.Kind, target.Namespace ?? "", name, WriteScope.Touch, (_, node) => node);
            await DispatchAsync(context, verb, target, fault, cancel);
        }
    }

    private async Task DispatchAsync(HttpContext context, string verb, ApiTarget target, ClusterFault? fault, CancellationToken cancel)
    {
        switch (verb)
        {
            case "get":
                StoredObject? found = store.Find(target.Kind, target.Namespace ?? "", target.Name!);
                await (found is null ? context.Response.WriteAsync(ApiStatus.NotFound(target.Kind, target.Name!)) : context.Response.WriteAsync(found));
                break;
            case "list":
                await lists.HandleAsync(context, target, fault is { ExpireContinue: true });
                break;
            case "watch":
                await watches.HandleAsync(context, target, cancel);
                break;
            default:
                await writes.HandleAsync(context, verb, target, cancel);
                break;
        }
    }

    private static bool Serves(ApiTarget target) =>
        target.Subresource is null || (target.Subresource == "status" && target.Kind.HasStatus);

    private static string? Verb(HttpRequest request, ApiTarget target) => request.Method switch
    {
        "GET" when target.Name is not null => "get",
        "GET" => request.Query["watch"].ToString() is "true" or "1" ? "watch" : "list",
        "POST" when target.Name is null && (target.Namespace is not null || !target.Kind.Namespaced) => "create",
        "PUT" when target.Name is not null => "update",
        "PATCH" when target.Name is not null => "patch",
        "DELETE" when target is { Name: not null, Subresource: null } => "delete",
        _ => null,
    };
}
