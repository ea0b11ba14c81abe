using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;
using ImageUpdater.Sandbox.Http;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Handles the requests to the Kubernetes API: routing, authorization, dispatch.</summary>
internal sealed class ApiServer(Access access, ObjectStore store, ObjectWriter writer, Watches watches)
{
    private readonly Patches patches = new(writer);

    public async Task HandleAsync(HttpContext context, ClusterFault? fault, CancellationToken cancellationToken)
    {
        var (request, response) = (context.Request, context.Response);
        if (fault?.RetryAfter is { } retryAfter) response.Headers.RetryAfter = retryAfter;
        if (fault?.Status is { } status)
        {
            await response.WriteAsync(ApiStatus.OfCode(status));
            return;
        }

        var path = request.Path.Value!;
        if (path is "/readyz" or "/livez" or "/healthz") await response.WriteAsync(JsonValue.Create("ok"));
        else if (Discovery.Find(path) is { } document) await response.WriteAsync(document);
        else if (path == AccessReviews.Path && HttpMethods.IsPost(request.Method)) await ReviewAsync(context, cancellationToken);
        else if (ApiTarget.Parse(path) is not { } target) await response.WriteAsync(ApiStatus.UnknownPath);
        else if (VerbOf(request, target) is not { } verb) await response.WriteAsync(ApiStatus.MethodNotAllowed);
        else if (access.Refuses(verb, target) is { } refusal) await response.WriteAsync(refusal);
        else await DispatchAsync(context, verb, target, fault, cancellationToken);
    }

    private async Task ReviewAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var answer = AccessReviews.Answer(access, await context.Request.ReadTextAsync(cancellationToken));
        await (answer.Value is { } review ? context.Response.WriteAsync(review, StatusCodes.Status201Created) : context.Response.WriteAsync(answer.Failure!));
    }

    private static string? VerbOf(HttpRequest request, ApiTarget target) => request.Method switch
    {
        "GET" when target.Name is not null => "get",
        "GET" => request.Query["watch"].ToString() is "true" or "1" ? "watch" : "list",
        "POST" when target.Name is null && (target.Namespace is not null || !target.Kind.Namespaced) => "create",
        "PUT" when target.Name is not null => "update",
        "PATCH" when target.Name is not null => "patch",
        "DELETE" when target.Name is not null => "delete",
        _ => null,
    };

    private async Task DispatchAsync(HttpContext context, string verb, ApiTarget target, ClusterFault? fault, CancellationToken cancellationToken)
    {
        var (request, response) = (context.Request, context.Response);
        if (fault is { Conflict: true }) writer.Touch(target.Key);
        if (verb == "get")
        {
            await response.WriteAsync(store.Find(target.Key) is { } found ? found : ApiStatus.NotFound(target.Key));
        }
        else if (verb is "list" or "watch")
        {
            var filter = ObjectFilter.Parse(target, request.Query);
            if (filter.Value is not { } matching) await response.WriteAsync(filter.Failure!);
            else if (verb == "watch") await watches.HandleAsync(context, target.Kind, matching, cancellationToken);
            else await response.WriteAsync(List(target.Kind, matching, PartialMetadata.IsWanted(request)), StatusCodes.Status200OK);
        }
        else
        {
            var body = await request.ReadTextAsync(cancellationToken);
            var code = store.Find(target.Key) is null ? StatusCodes.Status201Created : StatusCodes.Status200OK;
            var written = Write(request, verb, target, body);
            var gone = verb == "delete" && target.Kind != ResourceKind.Pods && written.Value is { Deleting: false };
            if (gone) await response.WriteAsync(Deleted(written.Value!));
            else await response.WriteAsync(written, code);
        }
    }

    /// <summary>Always returns the whole list: a server may ignore <c>limit</c>.</summary>
    private ReadOnlyMemory<byte> List(ResourceKind kind, ObjectFilter filter, bool metadataAlone)
    {
        var (objects, revision) = store.List(kind, filter.Matches);
        var (listed, version) = metadataAlone ? (PartialMetadata.Kind, PartialMetadata.ApiVersion) : (kind.Kind, kind.ApiVersion);
        var buffer = new ArrayBufferWriter<byte>(256 + objects.Sum(stored => stored.Json.Length));
        Encoding.UTF8.GetBytes(
            $$"""{"kind":"{{listed}}List","apiVersion":"{{version}}","metadata":{"resourceVersion":"{{revision}}"},"items":[""", buffer);
        for (var i = 0; i < objects.Count; i++)
        {
            if (i > 0) buffer.Write(","u8);
            if (metadataAlone)
            {
                buffer.Write(PartialMetadata.Of(objects[i]));
                continue;
            }

            // Items have no kind and apiVersion, as in the real API server.
            buffer.Write("{"u8);
            buffer.Write(objects[i].Json.Span[kind.JsonHead.Length..]);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }

    private Outcome<StoredObject> Write(HttpRequest request, string verb, ApiTarget target, string body)
    {
        if (verb == "patch") return patches.Handle(request, target.Key, ManagerOf(request), body);
        if (verb == "delete") return writer.Delete(target.Key, GraceOf(request, body));
        if (request.ContentType?.Split(';')[0] is not (null or JsonAnswers.Json)) return ApiStatus.UnsupportedMediaType(JsonAnswers.Json);
        var parsed = Responses.Parse(body);
        if (parsed.Value is not { } node) return parsed.Failure!;
        return verb == "create"
            ? writer.Create(target.Kind, target.Namespace ?? "", ManagerOf(request), node)
            : writer.Update(target.Key, WriteScope.Resource, ManagerOf(request), _ => new Edit(node));
    }

    /// <summary>The field manager: the parameter, or else the first part of the user agent.</summary>
    private static string ManagerOf(HttpRequest request) =>
        request.Query["fieldManager"].ToString() is { Length: > 0 } named ? named : request.Headers.UserAgent.ToString().Split('/')[0];

    private static int? GraceOf(HttpRequest request, string body) =>
        int.TryParse(request.Query["gracePeriodSeconds"], out var seconds) ? seconds : Responses.Parse(body).Value.Number("gracePeriodSeconds");

    private static JsonObject Deleted(StoredObject gone)
    {
        var details = ApiStatus.Naming(gone.Key, gone.Key.Kind.Plural);
        details["uid"] = gone.Uid;
        return new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success", ["details"] = details };
    }
}
