using ImageUpdater.Sandbox.Cluster.Patching;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>The patch types of the API, by content type. Server-side apply supports only JSON, which is also YAML.</summary>
internal sealed class Patches(ObjectWriter writer)
{
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Merge = "application/merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    public Outcome<StoredObject> Handle(HttpRequest request, ObjectKey key, string manager, string body)
    {
        var type = request.ContentType?.Split(';')[0];
        if (type is not (Strategic or Merge or Apply)) return ApiStatus.UnsupportedMediaType($"{Merge}, {Strategic}, {Apply}");
        var (named, force) = (request.Query["fieldManager"].ToString().Length > 0, request.Query["force"].ToString());
        if (type == Apply && !named)
            return ApiStatus.InvalidOptions(new StatusCause("FieldValueRequired", "fieldManager", "Required value: is required for apply patch"));
        if (type != Apply && force.Length > 0)
            return ApiStatus.InvalidOptions(new StatusCause("FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch"));

        var parsed = Responses.Parse(body);
        if (parsed.Value is not { } patch) return parsed.Failure!;
        if (type == Strategic) return writer.Update(key, WriteScope.Resource, manager, tree => new Edit(Merging.Strategic(tree, patch)));
        if (type == Merge) return writer.Update(key, WriteScope.Resource, manager, tree => new Edit(Merging.Plain(tree, patch)));
        if (patch.At("metadata", "managedFields") is not null) return ApiStatus.BadRequest("metadata.managedFields must be nil");
        return writer.Apply(key, patch, manager, force == "true");
    }
}
