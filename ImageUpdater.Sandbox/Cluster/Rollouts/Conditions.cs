using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>The conditions of a status. Times move only when something about the condition does.</summary>
internal sealed class Conditions(JsonObject status, string now)
{
    public void Set(string type, string value, string reason, string message)
    {
        if (status["conditions"] is not JsonArray list) status["conditions"] = list = [];
        JsonObject? there = Find(type);
        if (there is null)
        {
            there = new JsonObject { ["type"] = type };
            list.Add(there);
        }
        else if (there.Text("status") == value && there.Text("reason") == reason && there.Text("message") == message)
        {
            return;
        }

        if (there.Text("status") != value) there["lastTransitionTime"] = now;
        there["lastUpdateTime"] = now;
        there["status"] = value;
        there["reason"] = reason;
        there["message"] = message;
    }

    public string? ReasonOf(string type) => Find(type).Text("reason");

    private JsonObject? Find(string type) => status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == type);
}
