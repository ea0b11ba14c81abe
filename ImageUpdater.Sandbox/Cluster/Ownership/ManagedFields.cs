using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Patching;

namespace ImageUpdater.Sandbox.Cluster.Ownership;

/// <summary>
/// <c>metadata.managedFields</c> of one object: who set which field, by applying a configuration (Apply) or in another way
/// (Update). After apimachinery's managedfields and structured-merge-diff's updater.
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

    /// <summary>True when nobody's fields are tracked: after a reset, until somebody applies.</summary>
    public bool IsEmpty => owners.Count == 0;

    /// <summary>Of an object that is being created.</summary>
    public static ManagedFields None(string apiVersion) => new(apiVersion, []);

    /// <summary>
    /// As the object has them, unless a request brings some of its own: so ownership is given up. An empty list, or an empty
    /// entry, gives up all of it; what can't be read counts as not sent.
    /// </summary>
    public static ManagedFields Of(string apiVersion, JsonNode? live, JsonNode? requested)
    {
        if (requested is JsonArray list && (list.Count == 0 || list is [JsonObject { Count: 0 }])) return None(apiVersion);
        var read = FieldOwner.Read(requested);
        return new ManagedFields(apiVersion, read.Count > 0 ? read : FieldOwner.Read(live));
    }

    /// <summary>What was set or changed is this manager's now and nobody else's; what was taken away is nobody's.</summary>
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
    /// The object with a configuration merged into it. What this manager applied before, applies no longer and nobody else owns goes.
    /// What others own with another value is a conflict, or is taken from them by force; with the same value it is shared.
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
