using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

internal static class RunningWorkloads
{
    /// <summary>
    /// Pushes an image of this name and deploys a workload with one container of it and a last-digest annotation, so that the next
    /// digest restarts it. Returns the digest.
    /// </summary>
    public static async Task<string> DeployRolledOutAsync(this World world, string name, Func<JsonObject, JsonObject>? shape = null)
    {
        var digest = await world.PushAsync(name, "one");
        var workload = Manifests.Deployment(name, (name, world.Image(name))).Enabled(("last-digest", $"{name}:{digest}"));
        await world.DeployAsync(shape?.Invoke(workload) ?? workload);
        return digest;
    }

    public static JsonObject Deadline(this JsonObject deployment, int seconds)
    {
        deployment["spec"]!["progressDeadlineSeconds"] = seconds;
        return deployment;
    }

    /// <summary>Whether a request has matched the one-time fault, and is being held or delayed by it.</summary>
    public static bool IsMet<TFault>(this FaultSet<TFault> faults, TFault fault)
        where TFault : Fault => !faults.All.Contains(fault);
}
