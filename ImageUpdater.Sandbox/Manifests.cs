using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox;

/// <summary>Builds workloads for <see cref="SandboxCluster.Apply"/>.</summary>
public static class Manifests
{
    public const string AnnotationPrefix = "image-updater.eznix86.github.io/";

    public static JsonObject Deployment(string name, params IEnumerable<(string Name, string Image)> containers) =>
        Workload("Deployment", name, containers);

    public static JsonObject StatefulSet(string name, params IEnumerable<(string Name, string Image)> containers)
    {
        var set = Workload("StatefulSet", name, containers);
        set["spec"]!["serviceName"] = name;
        return set;
    }

    public static JsonObject DaemonSet(string name, params IEnumerable<(string Name, string Image)> containers) =>
        Workload("DaemonSet", name, containers);

    /// <summary>Enables ImageUpdater, and sets further annotations by their names without the prefix.</summary>
    public static JsonObject Enabled(this JsonObject workload, params IEnumerable<(string Key, string Value)> annotations)
    {
        var target = workload["metadata"]!["annotations"]!;
        target[AnnotationPrefix + "enabled"] = "true";
        foreach (var (key, value) in annotations) target[AnnotationPrefix + key] = value;
        return workload;
    }

    public static JsonObject In(this JsonObject workload, string ns)
    {
        workload["metadata"]!["namespace"] = ns;
        return workload;
    }

    public static JsonObject Replicas(this JsonObject workload, int replicas)
    {
        workload["spec"]!["replicas"] = replicas;
        return workload;
    }

    public static JsonObject Paused(this JsonObject deployment)
    {
        deployment["spec"]!["paused"] = true;
        return deployment;
    }

    private static JsonObject Workload(string kind, string name, IEnumerable<(string Name, string Image)> containers)
    {
        IEnumerable<JsonNode> list = containers.Select(container => new JsonObject { ["name"] = container.Name, ["image"] = container.Image });
        return new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["annotations"] = new JsonObject() },
            ["spec"] = new JsonObject
            {
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray([.. list]) },
                },
            },
        };
    }
}
