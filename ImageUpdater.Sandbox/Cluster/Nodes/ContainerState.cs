using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Registry;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>The state of a container on its node, for the pod's status.</summary>
/// <param name="ImageId">May be empty while the container is waiting.</param>
/// <param name="Waiting">The reason why it is waiting; null if it is running.</param>
internal sealed record ContainerState(JsonObject Spec, string Image, string ImageId, string? Waiting, string? Message)
{
    public bool Runs => Waiting is null;

    private bool Crashes => Waiting == "CrashLoopBackOff";

    public JsonObject ToJson(string startedAt, bool init)
    {
        // An init container with restartPolicy Always is a sidecar, and keeps running.
        var completes = init && Spec.Text("restartPolicy") != "Always";
        return new JsonObject
        {
            ["name"] = Spec.Text("name"),
            ["image"] = Image,
            ["imageID"] = ImageId,
            ["containerID"] = Runs ? "containerd://" + Digests.Of(Guid.NewGuid().ToByteArray())[7..] : null,
            ["ready"] = Runs,
            ["restartCount"] = Crashes ? 1 : 0,
            ["lastState"] = Crashes ? new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 1, ["reason"] = "Error", ["startedAt"] = startedAt, ["finishedAt"] = startedAt } } : new JsonObject(),
            ["started"] = Runs && !completes,
            ["state"] = this switch
            {
                { Runs: false } => new JsonObject { ["waiting"] = new JsonObject { ["reason"] = Waiting, ["message"] = Message } },
                _ when completes => new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed" } },
                _ => new JsonObject { ["running"] = new JsonObject { ["startedAt"] = startedAt } },
            },
        };
    }
}
