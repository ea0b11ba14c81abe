using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Patching;

namespace ImageUpdater.Sandbox.Cluster.Ownership;

/// <summary>
/// Sets of fields, after structured-merge-diff. A field is a path of FieldsV1 elements, joined by newlines:
/// <c>f:NAME</c>, <c>k:{"name":"web"}</c> for an item of a list by its keys, <c>v:VALUE</c> for one of a set.
/// </summary>
internal static class FieldSet
{
    private const char Joint = '\n';
    private const string Item = "[]";

    /// <summary>Fields that no manager owns: the API server sets them.</summary>
    private static readonly string[] Unowned =
    [
        "f:apiVersion", "f:kind", "f:metadata", .. new[]
        {
            "name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
            "deletionGracePeriodSeconds",
        }.Select(name => Path("f:metadata", $"f:{name}")),
    ];

    public static string[] Elements(string path) => path.Split(Joint);

    public static string Path(string parent, string element) => parent.Length == 0 ? element : parent + Joint + element;

    /// <summary>The fields that an applied configuration owns: its values, and the items of its lists.</summary>
    public static HashSet<string> Of(JsonObject config)
    {
        var fields = new HashSet<string>();
        Collect("", "", config);
        fields.ExceptWith(Unowned);
        return fields;

        void Collect(string path, string field, JsonNode? node)
        {
            var children = Children(field, node);
            if (children.Count == 0 || field.EndsWith(Item, StringComparison.Ordinal)) fields.Add(path);
            foreach (var (element, child) in children) Collect(Path(path, element), Below(field, element), child);
        }
    }

    /// <summary>The fields that a write set or changed, and those it removed. A map or list that was added or removed counts as a field, in addition to its contents.</summary>
    public static (HashSet<string> Changed, HashSet<string> Removed) Compare(JsonObject before, JsonObject after)
    {
        var (changed, removed) = (new HashSet<string>(), new HashSet<string>());
        Walk("", "", before, after);
        changed.ExceptWith(Unowned);
        return (changed, removed);

        void Walk(string path, string field, JsonNode? old, JsonNode? next)
        {
            if (JsonNode.DeepEquals(old, next)) return;
            var (were, are) = (Children(field, old), Children(field, next));
            if (next is null) removed.Add(path);
            else if (old is null || were.Count + are.Count == 0) changed.Add(path);
            foreach (var element in were.Keys.Union(are.Keys))
                Walk(Path(path, element), Below(field, element), were.GetValueOrDefault(element), are.GetValueOrDefault(element));
        }
    }

    /// <summary>Converts the fields to <c>fieldsV1</c>.</summary>
    public static JsonObject ToJson(IEnumerable<string> fields)
    {
        var root = new JsonObject();
        foreach (var path in fields.Order(StringComparer.Ordinal)) Elements(path).Aggregate(root, JsonReading.Ensure)["."] = new JsonObject();
        Simplify(root);
        return root;

        static void Simplify(JsonObject node)
        {
            if (node.Count == 1) node.Remove(".");
            foreach (var (element, inner) in node)
            {
                if (element != ".") Simplify(inner!.AsObject());
            }
        }
    }

    public static HashSet<string> Parse(JsonObject fieldsV1)
    {
        var fields = new HashSet<string>();
        Collect("", fieldsV1);
        return fields;

        void Collect(string path, JsonObject node)
        {
            if (path.Length > 0 && (node.Count == 0 || node.ContainsKey("."))) fields.Add(path);
            foreach (var (element, inner) in node)
            {
                if (element is [_, ':', ..] && inner is JsonObject below) Collect(Path(path, element), below);
            }
        }
    }

    /// <summary>Adds the named parents of the fields, so that a parent is removed once no field in it is owned.</summary>
    public static HashSet<string> WithParents(IEnumerable<string> fields)
    {
        var all = fields.ToHashSet();
        foreach (var path in all.ToList())
        {
            for (var end = path.LastIndexOf(Joint); end > 0; end = path.LastIndexOf(Joint, end - 1))
            {
                if (Elements(path[..end])[^1].StartsWith("f:", StringComparison.Ordinal)) all.Add(path[..end]);
            }
        }

        all.ExceptWith(Unowned);
        return all;
    }

    /// <summary>Removes a field from a tree, if it exists.</summary>
    public static void Remove(JsonObject tree, string path)
    {
        var (node, field) = ((JsonNode?)tree, "");
        foreach (var element in Elements(path)[..^1]) (node, field) = (Children(field, node).GetValueOrDefault(element), Below(field, element));
        var last = Elements(path)[^1];
        if (node is JsonObject map) map.Remove(last[2..]);
        else if (node is JsonArray list && Children(field, list).GetValueOrDefault(last) is { } item) list.Remove(item);
    }

    /// <summary>The field as messages show it: <c>.spec.template.spec.containers[name="web"].image</c>.</summary>
    public static string Describe(string path) => string.Concat(Elements(path).Select(element => element[..2] switch
    {
        "k:" => $"[{string.Join(',', JsonNode.Parse(element[2..])!.AsObject().Select(pair => $"{pair.Key}={pair.Value!.ToJsonString()}"))}]",
        "v:" => $"[={element[2..]}]",
        _ => $".{element[2..]}",
    }));

    /// <summary>The children of a node; empty for an atomic value.</summary>
    private static Dictionary<string, JsonNode?> Children(string field, JsonNode? node) => node switch
    {
        JsonObject map when !ListSchema.IsAtomic(field) => map.ToDictionary(pair => $"f:{pair.Key}", pair => pair.Value),
        JsonArray list when ListSchema.Merges(field) => list.Select(item => (Key: ListSchema.KeyOf(field, item, first: false), Item: item))
            .Where(pair => pair.Key is not null).DistinctBy(pair => pair.Key).ToDictionary(pair => $"k:{pair.Key}", pair => pair.Item),
        JsonArray list when ListSchema.IsSet(field) => list.DistinctBy(item => item.Text()).ToDictionary(item => $"v:{item?.ToJsonString()}"),
        _ => [],
    };

    private static string Below(string field, string element) => element.StartsWith("f:", StringComparison.Ordinal) ? element[2..] : field + Item;
}
