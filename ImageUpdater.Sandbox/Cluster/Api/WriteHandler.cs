using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Patching;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Create, update, patch and delete.</summary>
internal sealed class WriteHandler(ObjectWriter writer, ObjectDeleter deleter)
{
    public async Task HandleAsync(HttpContext context, string verb, ApiTarget target, CancellationToken cancel)
    {
        string body = await context.Request.ReadTextAsync(cancel);
        WriteResult result = verb switch
        {
            "create" => Create(context.Request, target, body),
            "update" => Update(context.Request, target, body),
            "patch" => Patch(context.Request, target, body),
            _ => Delete(context.Request, target, body),
        };
        if (result.Failure is { } failure) await context.Response.WriteAsync(failure);
        else if (verb == "delete" && result.Removed && target.Kind != ResourceKinds.Pods) await context.Response.WriteAsync(Deleted(result.Object!));
        else await context.Response.WriteAsync(result.Object!, verb == "create" ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private WriteResult Create(HttpRequest request, ApiTarget target, string body) =>
        ReadObject(request, target, body, out ApiStatus? failure) is { } node
            ? writer.Create(target.Kind, target.Namespace ?? "", node)
            : failure!;

    private WriteResult Update(HttpRequest request, ApiTarget target, string body)
    {
        if (ReadObject(request, target, body, out ApiStatus? failure) is not { } node) return failure!;
        if (node.Text("metadata", "name") is not { Length: > 0 })
            return ApiStatus.BadRequest($"name must be provided");
        return writer.Update(target.Kind, target.Namespace ?? "", target.Name!, Scope(target), (current, _) => Expected(current, node));
    }

    /// <summary>A uid in the body makes a PUT conditional; in a patch it would be a change.</summary>
    private static PatchResult Expected(StoredObject current, JsonObject node)
    {
        if (node.Text("metadata", "uid") is not { Length: > 0 } uid || uid == current.Uid) return (JsonObject)node.DeepClone();
        string why = $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}";
        return ApiStatus.Conflict(current.Kind, current.Name, why);
    }

    private WriteResult Patch(HttpRequest request, ApiTarget target, string body)
    {
        Func<JsonObject, PatchResult>? patch = Patches.Read(request.ContentType, body, out ApiStatus? failure);
        if (patch is null) return failure!;
        return writer.Update(target.Kind, target.Namespace ?? "", target.Name!, Scope(target), (_, node) => patch(node));
    }

    private WriteResult Delete(HttpRequest request, ApiTarget target, string body)
    {
        JsonObject options = [];
        if (body.Length > 0)
        {
            if (Responses.Parse(body, out ApiStatus? failure) is not { } node) return failure!;
            options = node as JsonObject ?? [];
        }

        if (int.TryParse(request.Query["gracePeriodSeconds"], out int grace)) options["gracePeriodSeconds"] = grace;
        if (request.Query["propagationPolicy"].ToString() is { Length: > 0 } policy) options["propagationPolicy"] = policy;
        return deleter.Delete(target.Kind, target.Namespace ?? "", target.Name!, options);
    }

    private static WriteScope Scope(ApiTarget target) => target.Subresource == "status" ? WriteScope.StatusOnly : WriteScope.Resource;

    private static JsonObject? ReadObject(HttpRequest request, ApiTarget target, string body, out ApiStatus? failure)
    {
        string type = request.ContentType?.Split(';')[0].Trim() ?? Responses.Json;
        if (type is not (Responses.Json or "*/*"))
        {
            failure = ApiStatus.UnsupportedMediaType(Responses.Json);
            return null;
        }

        JsonNode? tree = Responses.Parse(body, out failure);
        if (tree is null) return null;
        if (tree is JsonObject node && node.Object("metadata") is not null)
        {
            bool right = (node.Text("kind") ?? target.Kind.Kind) == target.Kind.Kind && (node.Text("apiVersion") ?? target.Kind.ApiVersion) == target.Kind.ApiVersion;
            if (right) return node;
            failure = ApiStatus.BadRequest($"{node.Text("kind")} in version \"{node.Text("apiVersion")?.Split('/')[^1]}\" cannot be handled as a {target.Kind.Kind}");
            return null;
        }

        failure = ApiStatus.BadRequest("Object 'Kind' is missing, or it has no metadata");
        return null;
    }

    private static JsonObject Deleted(StoredObject gone)
    {
        JsonObject details = ApiStatus.Naming(gone.Kind, gone.Kind.Plural, gone.Name);
        details["uid"] = gone.Uid;
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
