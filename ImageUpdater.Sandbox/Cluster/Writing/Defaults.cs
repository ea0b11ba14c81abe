using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Writing;

/// <summary>The API server's defaults, by kind.</summary>
internal static class Defaults
{
    private static readonly Dictionary<ResourceKind, JsonNode> Specs = new()
    {
        [ResourceKind.Deployments] = Parse(
            """
            {"replicas":1,"revisionHistoryLimit":10,"progressDeadlineSeconds":600,
             "strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}}}
            """),
        [ResourceKind.StatefulSets] = Parse(
            """
            {"replicas":1,"revisionHistoryLimit":10,"podManagementPolicy":"OrderedReady","serviceName":"",
             "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":0}}}
            """),
        [ResourceKind.DaemonSets] = Parse(
            """{"revisionHistoryLimit":10,"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":0}}}"""),
        [ResourceKind.Pods] = Parse("""{"serviceAccountName":"default"}"""),
    };

    private static readonly JsonNode Pod = Parse(
        """
        {"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},
         "schedulerName":"default-scheduler"}
        """);

    private static readonly JsonNode Container = Parse(
        """{"resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}""");

    public static void Apply(ResourceKind kind, JsonObject node)
    {
        if (Specs.TryGetValue(kind, out var defaults))
        {
            var spec = node.Ensure("spec");
            Fill(spec, defaults);
            if ((kind == ResourceKind.Pods ? spec : spec.Object("template", "spec")) is { } pod) FillPod(pod);
        }
        else if (kind == ResourceKind.Secrets)
        {
            node.Default("type", "Opaque");
            foreach (var (key, value) in node.Object("stringData") ?? [])
                node.Ensure("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text() ?? ""));
            node.Remove("stringData");
        }
        else if (kind == ResourceKind.Namespaces)
        {
            node.Ensure("metadata").Ensure("labels")["kubernetes.io/metadata.name"] = node.Text("metadata", "name");
            node.Ensure("status").Default("phase", "Active");
        }
    }

    /// <summary>The structure of an empty object of any kind, whose fields no manager owns.</summary>
    public static JsonObject Empty() => Parse(
        """
        {"metadata":{},"status":{},"spec":{"strategy":{},"updateStrategy":{},"containers":[],"template":{"metadata":{},"spec":{"containers":[]}}}}
        """).AsObject();

    private static void FillPod(JsonObject pod)
    {
        Fill(pod, Pod);
        foreach (var container in pod.Items("containers").Concat(pod.Items("initContainers")))
        {
            Fill(container, Container);
            container.Default("imagePullPolicy", ImageName.Parse(container.Text("image") ?? "").Tag == "latest" ? "Always" : "IfNotPresent");
            foreach (var port in container.Items("ports")) port.Default("protocol", "TCP");
        }
    }

    private static void Fill(JsonObject target, JsonNode defaults)
    {
        foreach (var (key, value) in defaults.AsObject())
        {
            // Other strategy types have no defaults.
            if (key == "rollingUpdate" && target.Text("type") != "RollingUpdate") continue;
            if (target[key] is not { } there) target[key] = value!.DeepClone();
            else if (there is JsonObject inner && value is JsonObject) Fill(inner, value);
        }
    }

    private static JsonNode Parse(string json) => JsonNode.Parse(json)!;
}
