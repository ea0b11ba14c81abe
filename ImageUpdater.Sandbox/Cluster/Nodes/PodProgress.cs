using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>How far a pod came, and how its status says so.</summary>
internal sealed record PodProgress(IReadOnlyList<ContainerState> Inits, IReadOnlyList<ContainerState> Mains, bool Ready, string At)
{
    public bool Running => Inits.All(state => state.Runs) && Mains.All(state => state.Runs);

    public JsonObject WriteTo(JsonObject pod)
    {
        JsonObject status = pod.Ensure("status");
        bool ready = Running && Ready;
        status["phase"] = Running ? "Running" : "Pending";
        status["startTime"] = At;
        status["observedGeneration"] = pod.Number("metadata", "generation") ?? 1;
        status["hostIP"] = "127.0.0.1";
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" });
        if (Running)
        {
            status["podIP"] = "10.244.0.2";
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = "10.244.0.2" });
        }

        if (Inits.Count > 0) status["initContainerStatuses"] = new JsonArray([.. Inits.Select(state => state.ToJson(At, init: true, ready))]);
        status["containerStatuses"] = new JsonArray([.. Mains.Select(state => state.ToJson(At, init: false, ready))]);
        status["conditions"] = new JsonArray(
            Condition("PodReadyToStartContainers", true),
            Condition("Initialized", Inits.All(state => state.Runs)),
            Condition("Ready", ready),
            Condition("ContainersReady", ready),
            Condition("PodScheduled", true));
        return pod;
    }

    private JsonObject Condition(string type, bool holds)
    {
        var condition = new JsonObject { ["type"] = type, ["status"] = holds ? "True" : "False", ["lastTransitionTime"] = At };
        if (!holds && (type is "Ready" or "ContainersReady")) condition["reason"] = "ContainersNotReady";
        return condition;
    }
}
