using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Objects;

/// <summary>What the API server fills in, by kind.</summary>
internal static class Defaults
{
    public static void Apply(ResourceKind kind, JsonObject node)
    {
        if (kind.IsWorkload) Workload(kind, node.Ensure("spec"));
        else if (kind == ResourceKinds.Pods) Pod(node.Ensure("spec"));
        else if (kind == ResourceKinds.Secrets) Secret(node);
        else if (kind == ResourceKinds.Namespaces) Namespace(node);
    }

    /// <summary>The status that a new workload has: some counts are there from the start.</summary>
    public static JsonObject Status(ResourceKind kind)
    {
        if (kind == ResourceKinds.StatefulSets) return new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 };
        if (kind == ResourceKinds.Deployments) return [];
        return new JsonObject
        {
            ["currentNumberScheduled"] = 0,
            ["desiredNumberScheduled"] = 0,
            ["numberMisscheduled"] = 0,
            ["numberReady"] = 0,
        };
    }

    private static void Workload(ResourceKind kind, JsonObject spec)
    {
        spec.Default("revisionHistoryLimit", 10);
        if (spec.Object("template", "spec") is { } podSpec) PodDefaults.Apply(podSpec);
        if (kind != ResourceKinds.DaemonSets) spec.Default("replicas", 1);
        if (kind == ResourceKinds.Deployments)
        {
            spec.Default("progressDeadlineSeconds", 600);
            Rolling(spec.Ensure("strategy"), ("maxUnavailable", "25%"), ("maxSurge", "25%"));
        }
        else if (kind == ResourceKinds.StatefulSets)
        {
            spec.Default("podManagementPolicy", "OrderedReady");
            spec.Default("serviceName", "");
            Rolling(spec.Ensure("updateStrategy"), ("partition", 0));
            JsonObject retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
            retention.Default("whenDeleted", "Retain");
            retention.Default("whenScaled", "Retain");
        }
        else
        {
            Rolling(spec.Ensure("updateStrategy"), ("maxUnavailable", 1), ("maxSurge", 0));
        }
    }

    private static void Rolling(JsonObject strategy, params ReadOnlySpan<(string Key, JsonNode Value)> defaults)
    {
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate") return;
        JsonObject rolling = strategy.Ensure("rollingUpdate");
        foreach ((string key, JsonNode value) in defaults) rolling.Default(key, value);
    }

    private static void Pod(JsonObject spec)
    {
        PodDefaults.Apply(spec);
        spec.Default("enableServiceLinks", true);
        spec.Default("serviceAccountName", "default");
        spec.Default("serviceAccount", spec["serviceAccountName"]!.DeepClone());
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        spec.Default("priority", 0);
    }

    private static void Secret(JsonObject node)
    {
        node.Default("type", "Opaque");
        if (node.Object("stringData") is not { } plain) return;
        JsonObject data = node.Ensure("data");
        foreach ((string key, JsonNode? value) in plain)
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text() ?? ""));
        node.Remove("stringData");
    }

    private static void Namespace(JsonObject node)
    {
        JsonObject labels = node.Ensure("metadata").Ensure("labels");
        labels["kubernetes.io/metadata.name"] = node["metadata"].Text("name");
        node.Ensure("spec").Default("finalizers", new JsonArray("kubernetes"));
        node.Ensure("status").Default("phase", "Active");
    }
}
