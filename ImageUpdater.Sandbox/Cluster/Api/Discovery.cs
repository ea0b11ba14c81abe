using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>The discovery documents that kubectl reads before any other request.</summary>
internal static class Discovery
{
    private static readonly string[] Groups = ["apps", "events.k8s.io"];

    public static JsonNode? Find(string path) => path.Trim('/').Split('/') switch
    {
        ["version"] => new JsonObject { ["major"] = "1", ["minor"] = "36", ["gitVersion"] = "v1.36.0+image-updater-sandbox" },
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups.Select(Group)]) },
        ["apis", var group] when Groups.Contains(group) => Group(group),
        ["api", "v1"] => Resources("v1"),
        ["apis", var group, "v1"] when Groups.Contains(group) => Resources($"{group}/v1"),
        _ => null,
    };

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

    private static JsonObject Resources(string groupVersion)
    {
        var list = new JsonArray();
        foreach (var kind in ResourceKind.All.Where(kind => kind.ApiVersion == groupVersion))
        {
            list.Add(new JsonObject
            {
                ["name"] = kind.Plural,
                ["singularName"] = kind.Singular,
                ["namespaced"] = kind.Namespaced,
                ["kind"] = kind.Kind,
                ["verbs"] = new JsonArray("create", "delete", "get", "list", "patch", "update", "watch"),
                ["shortNames"] = kind.ShortName.Length > 0 ? new JsonArray(kind.ShortName) : null,
            });
        }

        return new JsonObject { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = groupVersion, ["resources"] = list };
    }
}
