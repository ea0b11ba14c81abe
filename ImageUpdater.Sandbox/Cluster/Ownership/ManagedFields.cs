using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Patching;

namespace ImageUpdater.Sandbox.Cluster.Ownership;

/// <summary>
/// <c>metadata.managedFields</c> of one object: which manager set which field, by server-side apply (Apply) or otherwise (Update).
/// After apimachinery's managedfields and structured-merge-diff's updater.
/// </summary>
internal sealed class ManagedFields
{
    private readonly string apiVersion;
    private readonly List<FieldOwner> owners;

    private ManagedFields(string apiVersion, List<FieldOwner> owners)
    {
        this.apiVersion = apiVersion;
        this.owners = owners;
    }

    /// <summary>True if no fields are tracked: after a reset, until the next apply.</summary>
    public bool IsEmpty => owners.Count == 0;

    /// <summary>For an object that is being created.</summary>
    public static ManagedFields None(string apiVersion) => new(apiVersion, []);

    /// <summary>
    /// The live object's entries, unless the request contains its own, which is how a client gives up ownership. An empty list, or one empty
    /// entry, gives up all of it; entries that can't be parsed are ignored.
    /// </summary>
    public static ManagedFields Of(string apiVersion, JsonNode? live, JsonNode? requested)
    {
        if (requested is JsonArray list && (list.Count == 0 || list is [JsonObject { Count: 0 }])) return None(apiVersion);
        var read = FieldOwner.Read(requested);
        return new ManagedFields(apiVersion, read.Count > 0 ? read : FieldOwner.Read(live));
    }

    /// <summary>Fields that were set or changed are now owned by this manager only; removed fields have no owner.</summary>
    public void Update(JsonObject before, JsonObject after, string manager, string? subresource, string now)
    {
        var (changed, removed) = FieldSet.Compare(before, after);
        var self = Find(manager, FieldOwner.Update, subresource) ?? new FieldOwner(manager, FieldOwner.Update, apiVersion, subresource);
        GiveUp(owners, changed, removed);
        self.Fields.UnionWith(changed);
        if (changed.Count > 0) self.Time = now;
        Keep(self);
    }

    /// <summary>
    /// Merges a configuration into the object. Removes fields that this manager applied before, that are no longer in the configuration and that
    /// no other manager owns. A field owned by others with a different value is a conflict, or taken over with force; with the same value it is shared.
    /// </summary>
    public Outcome<JsonObject> Apply(JsonObject live, JsonObject config, string manager, bool force, string now)
    {
        var former = Find(manager, FieldOwner.Apply, subresource: null);
        var self = new FieldOwner(manager, FieldOwner.Apply, apiVersion, subresource: null, FieldSet.Of(config)) { Time = former?.Time ?? now };
        var others = owners.Where(owner => owner != former).ToList();
        var merged = Merging.Applied(live.Copy(), config);
        var kept = FieldSet.WithParents(others.Append(self).SelectMany(owner => owner.Fields));
        foreach (var field in FieldSet.WithParents(former?.Fields ?? []).Except(kept)) FieldSet.Remove(merged, field);

        var (changed, removed) = FieldSet.Compare(live, merged);
        if (!force && Conflicts(others, changed) is { } conflict) return conflict;
        GiveUp(others, changed, removed);
        if (former is null || changed.Count + removed.Count > 0 || !former.Fields.SetEquals(self.Fields)) self.Time = now;
        if (former is not null) owners.Remove(former);
        Keep(self);
        return merged;
    }

    public JsonArray? ToJson()
    {
        var sorted = owners.OrderBy(owner => (owner.Operation, owner.Time, owner.Manager, owner.Subresource ?? ""));
        return IsEmpty ? null : new JsonArray([.. sorted.Select(owner => owner.ToJson())]);
    }

    private FieldOwner? Find(string manager, string operation, string? subresource) =>
        owners.Find(owner => owner.Manager == manager && owner.Operation == operation && owner.Subresource == subresource);

    private static void GiveUp(IEnumerable<FieldOwner> from, HashSet<string> changed, HashSet<string> removed)
    {
        foreach (var owner in from)
        {
            owner.Fields.ExceptWith(changed);
            owner.Fields.ExceptWith(removed);
        }
    }

    private void Keep(FieldOwner self)
    {
        if (!owners.Contains(self)) owners.Add(self);
        owners.RemoveAll(owner => owner.Fields.Count == 0);
    }

    private static ApiStatus? Conflicts(IEnumerable<FieldOwner> others, HashSet<string> changed)
    {
        var conflicts = others.OrderBy(owner => owner.Manager, StringComparer.Ordinal)
            .SelectMany(owner => owner.Fields.Intersect(changed).Order(StringComparer.Ordinal), (owner, field) => (Owner: $"{owner}", Field: FieldSet.Describe(field)))
            .ToList();
        if (conflicts.Count == 0) return null;
        var lines = conflicts.GroupBy(conflict => conflict.Owner, conflict => $"- {conflict.Field}")
            .Select(group => $"conflicts with {group.Key}:\n{string.Join('\n', group)}");
        var message = conflicts is [var only]
            ? $"Apply failed with 1 conflict: conflict with {only.Owner}: {only.Field}"
            : $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', lines)}";
        return new ApiStatus(409, "Conflict", message)
        {
            Causes = [.. conflicts.Select(conflict => new StatusCause("FieldManagerConflict", conflict.Field, $"conflict with {conflict.Owner}"))],
        };
    }
}
