using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Nodes;

namespace ImageUpdater.Sandbox;

/// <summary>Short ways to write workloads for <see cref="SandboxCluster.Apply(JsonNode)"/>.</summary>
public static class Manifests
{
    public const string AnnotationPrefix = "image-updater.eznix86.github.io/";

    public static JsonObject Deployment(string name, params IEnumerable<(string Name, string Image)> containers) =>
        Workload("Deployment", name, containers);

    public static JsonObject StatefulSet(string name, params IEnumerable<(string Name, string Image)> containers)
    {
        JsonObject set = Workload("StatefulSet", name, containers);
        set["spec"]!["serviceName"] = name;
        return set;
    }

    public static JsonObject DaemonSet(string name, params IEnumerable<(string Name, string Image)> containers) =>
        Workload("DaemonSet", name, containers);

    /// <summary>Opts in to ImageUpdater, with further annotations of its by their short names.</summary>
    public static JsonObject Enabled(this JsonObject workload, params IEnumerable<(string Key, string Value)> annotations)
    {
        JsonObject target = Annotations(workload);
        target[AnnotationPrefix + "enabled"] = "true";
        foreach ((string key, string value) in annotations) target[AnnotationPrefix + key] = value;
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

    /// <summary>Its pods run and never become ready, so that a rollout never ends.</summary>
    public static JsonObject NeverReady(this JsonObject workload)
    {
        JsonObject metadata = workload["spec"]!["template"]!["metadata"]!.AsObject();
        metadata["annotations"] = new JsonObject { [Kubelet.NeverReady] = "true" };
        return workload;
    }

    private static JsonObject Annotations(JsonObject workload)
    {
        JsonObject metadata = workload["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        return annotations;
    }

    private static JsonObject Workload(string kind, string name, IEnumerable<(string Name, string Image)> containers)
    {
        IEnumerable<JsonNode> list = containers.Select(container => new JsonObject { ["name"] = container.Name, ["image"] = container.Image });
        return new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
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
