using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>What kubectl asks before it asks for anything.</summary>
internal static class Discovery
{
    public static JsonNode? Find(string path) => path.TrimEnd('/') switch
    {
        "/version" => new JsonObject
        {
            ["major"] = "1",
            ["minor"] = "36",
            ["gitVersion"] = "v1.36.0+image-updater-sandbox",
            ["gitCommit"] = "",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "2026-04-22T00:00:00Z",
            ["goVersion"] = "go1.26",
            ["compiler"] = "gc",
            ["platform"] = "linux/amd64",
        },
        "/api" => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"), ["serverAddressByClientCIDRs"] = new JsonArray() },
        "/apis" => new JsonObject
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray(Group("apps"), Group("events.k8s.io")),
        },
        "/apis/apps" => Group("apps"),
        "/apis/events.k8s.io" => Group("events.k8s.io"),
        "/api/v1" => Resources("", "v1"),
        "/apis/apps/v1" => Resources("apps", "v1"),
        "/apis/events.k8s.io/v1" => Resources("events.k8s.io", "v1"),
        _ => null,
    };

    /// <summary>Outside of the groups that are served there are not even errors in JSON.</summary>
    public static bool KnowsGroupOf(string path) =>
        path.StartsWith("/api/v1/", StringComparison.Ordinal)
        || path.StartsWith("/apis/apps/v1/", StringComparison.Ordinal)
        || path.StartsWith("/apis/events.k8s.io/v1/", StringComparison.Ordinal);

    private static JsonObject Group(string name)
    {
        var version = new JsonObject { ["groupVersion"] = $"{name}/v1", ["version"] = "v1" };
        return new JsonObject
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = name,
            ["versions"] = new JsonArray(version),
            ["preferredVersion"] = version.DeepClone(),
        };
    }

    private static JsonObject Resources(string group, string version)
    {
        var list = new JsonArray();
        foreach (ResourceKind kind in ResourceKinds.All.Where(kind => kind.Group == group))
        {
            list.Add(Resource(kind, kind.Plural, "create", "delete", "get", "list", "patch", "update", "watch"));
            if (kind.HasStatus) list.Add(Resource(kind, $"{kind.Plural}/status", "get", "patch", "update"));
        }

        string groupVersion = group.Length == 0 ? version : $"{group}/{version}";
        return new JsonObject { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = groupVersion, ["resources"] = list };
    }

    private static JsonObject Resource(ResourceKind kind, string name, params ReadOnlySpan<string> verbs)
    {
        var resource = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = kind.Singular,
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = new JsonArray([.. verbs.ToArray().Select(verb => (JsonNode)verb)]),
        };
        if (kind.ShortName.Length > 0 && name == kind.Plural) resource["shortNames"] = new JsonArray(kind.ShortName);
        return resource;
    }
}
