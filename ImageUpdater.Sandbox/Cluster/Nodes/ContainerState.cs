using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Registry;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>How one container does on its node, as the pod's status tells it.</summary>
/// <param name="ImageId">May be empty while it waits.</param>
/// <param name="Waiting">What for; null when it runs.</param>
internal sealed record ContainerState(JsonObject Spec, string Image, string ImageId, string? Waiting, string? Message)
{
    public bool Runs => Waiting is null;

    public JsonObject ToJson(string startedAt, bool init)
    {
        // A sidecar, an init container that is always restarted, runs on.
        var completes = init && Spec.Text("restartPolicy") != "Always";
        return new JsonObject
        {
            ["name"] = Spec.Text("name"),
            ["image"] = Image,
            ["imageID"] = ImageId,
            ["containerID"] = Runs ? "containerd://" + Digests.Of(Guid.NewGuid().ToByteArray())[7..] : null,
            ["ready"] = Runs,
            ["restartCount"] = 0,
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
