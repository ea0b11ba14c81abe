using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

internal static class NodeFactory
{
    public static JsonObject Create(SandboxNode node)
    {
        var labels = new JsonObject
        {
            ["beta.kubernetes.io/arch"] = node.Architecture,
            ["beta.kubernetes.io/os"] = node.Os,
            ["kubernetes.io/arch"] = node.Architecture,
            ["kubernetes.io/hostname"] = node.Name,
            ["kubernetes.io/os"] = node.Os,
        };
        foreach ((string key, string value) in node.Labels) labels[key] = value;
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = node.Name, ["labels"] = labels },
            ["spec"] = new JsonObject(),
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["reason"] = "KubeletReady" }),
                ["nodeInfo"] = new JsonObject
                {
                    ["operatingSystem"] = node.Os,
                    ["architecture"] = node.Architecture,
                    ["containerRuntimeVersion"] = "containerd://2.1.4",
                    ["kubeletVersion"] = "v1.36.0+image-updater-sandbox",
                    ["osImage"] = "sandbox",
                },
            },
        };
    }
}
