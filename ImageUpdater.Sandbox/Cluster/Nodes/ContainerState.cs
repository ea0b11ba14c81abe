using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Registry;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>
/// How one container does on its node, as the pod's status tells it. The image id may be empty while it waits;
/// what it waits for is null when it runs.
/// </summary>
internal sealed record ContainerState(JsonObject Spec, string Image, string ImageId, string? Waiting, string? Message)
{
    public bool Runs => Waiting is null;

    public JsonObject ToJson(string startedAt, bool init, bool ready)
    {
        bool completes = init && Spec.Text("restartPolicy") != "Always";
        string name = Spec.Text("name")!;
        var status = new JsonObject
        {
            ["name"] = name,
            ["image"] = Image,
            ["imageID"] = ImageId,
            ["ready"] = Runs && (completes || ready),
            ["restartCount"] = 0,
            ["started"] = Runs && !completes,
            ["state"] = State(startedAt, completes),
            ["lastState"] = new JsonObject(),
        };
        if (Runs) status["containerID"] = "containerd://" + Digests.Of(Guid.NewGuid().ToByteArray())[7..];
        return status;
    }

    private JsonObject State(string startedAt, bool completes)
    {
        if (Waiting is not null)
        {
            var waiting = new JsonObject { ["reason"] = Waiting };
            if (Message is not null) waiting["message"] = Message;
            return new JsonObject { ["waiting"] = waiting };
        }

        if (!completes) return new JsonObject { ["running"] = new JsonObject { ["startedAt"] = startedAt } };
        var terminated = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed", ["startedAt"] = startedAt, ["finishedAt"] = startedAt };
        return new JsonObject { ["terminated"] = terminated };
    }
}
