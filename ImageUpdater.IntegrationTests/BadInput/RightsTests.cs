using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>RBAC that grants fewer permissions than are needed.</summary>
public sealed class RightsTests
{
    [Fact]
    public async Task PlanAndApply_RightsAreMissing_SayWhichAndServeTheRest()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("app", "one");
        (string, string) container = ("app", world.Image("app"));
        var web = Manifests.Deployment("web", container).Enabled().In(world.Namespace);
        web["spec"]!["template"]!["spec"]!["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = "regcred" });
        await world.DeployAsync(web);
        for (var i = 0; i < 4; i++)
            await world.DeployAsync(Manifests.DaemonSet($"agent-{i}", container).Enabled());
        await world.DeployAsync(Manifests.StatefulSet("db", container).Enabled());

        world.Sandbox!.Forbidden = [new("list", "statefulsets"), new("list", "nodes"), new("list", "pods"), new("get", "secrets")];
        var plan = await world.PlanAsync();
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains($"  ! cannot list statefulsets in namespace {world.Namespace}: statefulsets.apps is forbidden: User ", plan.Output);
        Assert.Contains("  ! cannot list nodes, so every platform of an image index is considered: nodes is forbidden: User ", plan.Output);
        Assert.Contains($"  ! cannot read pull secret {world.Namespace}/regcred: secrets \"regcred\" is forbidden: User ", plan.Output);
        Assert.Contains(": 0 to restart, 5 adopted, 0 held, 0 skipped, 5 unchanged.", plan.Output);

        // One warning for all workloads whose pods can't be listed.
        var pods = Assert.Single(plan.Output.Split('\n'), line => line.Contains("pods is forbidden", StringComparison.Ordinal));
        Assert.Contains($"/deployment/web, {world.Namespace}/daemonset/agent-0, {world.Namespace}/daemonset/agent-1 and 2 more: pods is forbidden", pods);

        world.HostEnvironment["ImageUpdater__MaxRollouts"] = "9";
        world.HostEnvironment["ImageUpdater__MaxRolloutsPerNamespace"] = "9";
        world.Sandbox.Forbidden = [new("patch", "deployments")];
        await world.PushAsync("app", "two");
        var apply = await world.ApplyAsync("--wait=false");
        Message.Of(apply, "1 of 6 changes failed; see the lines marked x");
        Assert.Contains($"x {world.Namespace}/deployment/web: deployments.apps \"web\" is forbidden: User ", apply.Output);
        Assert.Null(await world.RestartedAtAsync("Deployment", "web"));
        Assert.NotNull(await world.RestartedAtAsync("DaemonSet", "agent-3"));
        var history = await InProcess.RunAsync("--state", world.State, "history", "deployment/web");
        Assert.Contains("restart failed: deployments.apps \"web\" is forbidden", history.Output);

        world.Sandbox.Forbidden = [new("list", "*")];
        Message.Of(await InProcess.RunAsync("--kubeconfig", world.Kubeconfig, "--state", world.State, "plan"), "is forbidden: User ", "cannot list resource");
    }
}
