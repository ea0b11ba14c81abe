using System.Text.Json.Nodes;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Several runs of <c>apply</c>, with failures of the API.</summary>
public sealed class ApplyTests
{
    private const string Legacy = Manifests.AnnotationPrefix + "finalizer";

    [Fact]
    public async Task Apply_FinalizerOfTheFormerOperator_IsRemovedAndRecordedAndOthersStay()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("stays", workload => WithFinalizers(workload, Legacy, "example.org/other"));
        await world.DeployRolledOutAsync("hangs", workload => WithFinalizers(workload, Legacy));
        await world.DeleteAsync("Deployment", "hangs");
        Assert.NotNull((await world.GetAsync("Deployment", "hangs"))["metadata"]!["deletionTimestamp"]);

        // The first response is lost: the audit record is still written, once.
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", CutAfter = true, Times = 1 });
        var apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.False(await world.Api.ExistsAsync($"/apis/apps/v1/namespaces/{world.Namespace}/deployments/hangs"));
        var left = (await world.GetAsync("Deployment", "stays"))["metadata"]!["finalizers"]!.AsArray();
        Assert.Equal("example.org/other", Assert.Single(left)!.GetValue<string>());
        var told = (await StoredState.ReadAsync(world)).Of(AuditAction.FinalizerRemoved);
        Assert.Equal(["hangs", "stays"], told.Select(record => record.Workload.Name).Order());
        Assert.Empty(SentRestart.All(world));
    }

    [Fact]
    public async Task Apply_FinalizerOfAWorkloadThatWasDeletedMeanwhile_SaysThat()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("gone", workload => WithFinalizers(workload, Legacy));

        // The API returns 404 for a workload that the list still had.
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "GET", PathContains = "deployments/gone", Status = 404 });
        var apply = await world.ApplyAsync();

        Assert.Contains($"{world.Namespace}/deployment/gone: the workload was deleted with its finalizer", apply.Output);
        Assert.Empty((await StoredState.ReadAsync(world)).Of(AuditAction.FinalizerRemoved));
    }

    [Fact]
    public async Task Apply_AnswersLostOrLateAndConflicts_RestartsEachOnceTheOperatorLast()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var name in new[] { "a-self", "conflicts", "lost" })
        {
            await world.DeployRolledOutAsync(name);
            await world.PushAsync(name, "two");
        }

        // Seven seconds is longer than the time limit of a patch during shutdown, which must not apply here.
        world.HostEnvironment["ImageUpdater__Self"] = $"{world.Namespace}/deployment/a-self";
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", PathContains = "/lost", CutAfter = true, Times = 1 });
        world.Sandbox.Faults.Add(new ClusterFault { Method = "PATCH", PathContains = "/conflicts", Conflict = true, Times = 3 });
        world.Sandbox.Faults.Add(new ClusterFault { Method = "PATCH", PathContains = "/a-self", Delay = TimeSpan.FromSeconds(7), Times = 1 });
        var apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal(["deployments/conflicts", "deployments/lost", "deployments/a-self"], SentRestart.Effective(world).Select(sent => sent.Workload));
        Assert.Equal(3, SentRestart.All(world).Count(sent => sent.Status == 409));
        await (await StoredState.ReadAsync(world)).AgreeWithAsync(world);
    }

    [Fact]
    public async Task Apply_AConflictEachTime_SaysWhatToDoAndLeavesARecord()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", PathContains = "/web", Conflict = true });

        var apply = await world.ApplyAsync();

        Assert.Contains($"{world.Namespace}/deployment/web: the workload changed during each of 6 attempts; run apply again\n", apply.Output);
        Assert.DoesNotContain("next cycle", apply.Output);
        var record = Assert.Single((await StoredState.ReadAsync(world)).Of(AuditAction.RestartFailed));
        Assert.Equal("the workload changed during each of 6 attempts", record.Message);
    }

    [Fact]
    public async Task Apply_WithoutWaiting_LeavesTheEndToTheNext()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");

        var began = await world.ApplyAsync("--wait=false");
        Assert.True(began.ExitCode == 0, began.ToString());
        Assert.Equal(RolloutState.Running, Assert.Single((await StoredState.ReadAsync(world)).Rollouts).State);

        var followed = await world.ApplyAsync();
        Assert.True(followed.ExitCode == 0, followed.ToString());
        Assert.Contains("Nothing to do.", followed.Output);
        Assert.Equal(RolloutState.Succeeded, Assert.Single((await StoredState.ReadAsync(world)).Rollouts).State);
        await (await StoredState.ReadAsync(world)).AgreeWithAsync(world);
    }

    [Fact]
    public async Task Apply_RolloutThatDoesNotEndWell_Exits3()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", workload => workload.Deadline(seconds: 1));
        world.Sandbox!.BreakImage(await world.PushAsync("web", "broken"));

        var failed = await world.ApplyAsync();
        Assert.True(failed.ExitCode == 3, failed.ToString());
        Assert.Contains("exceeded its progress deadline: CrashLoopBackOff: back-off restarting failed container (container web of pod web-", failed.Output);
        Assert.Contains(", exit code 1, 1 restart)", failed.Output);
        Assert.Contains("CrashLoopBackOff", (await world.RunAsync("report", "--namespace", world.Namespace)).Output);

        await world.MergeAsync("Deployment", "web", new JsonObject { ["spec"] = new JsonObject { ["progressDeadlineSeconds"] = 600 } });
        await world.UntilObservedAsync();
        world.Sandbox.BreakImage(await world.PushAsync("web", "broken too"));
        var timedOut = await world.ApplyAsync("--timeout", "1s");
        Assert.True(timedOut.ExitCode == 3, timedOut.ToString());
        Assert.Contains("timed out after", timedOut.Errors);
        Assert.Equal(2, SentRestart.Effective(world).Count);
    }

    [Fact]
    public async Task Apply_WithoutApproval_ChangesNothing()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");

        var refused = await world.RunWithInputAsync("y\n", "apply");
        Assert.True(refused.ExitCode == 1, refused.ToString());
        Assert.Contains("not approved; nothing was changed", refused.Errors);
        Assert.Empty(SentRestart.All(world));
        var approved = await world.RunWithInputAsync("yes\n", "apply");
        Assert.True(approved.ExitCode == 0, approved.ToString());
        Assert.Single(SentRestart.Effective(world));
    }

    [Fact]
    public async Task Apply_PullPolicyOverride_SetsAlwaysAndPrintsWhatItWas()
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS"] = "true";
        var web = await world.PushAsync("web", "one", "stable");
        var side = await world.PushAsync("side", "one");
        var init = await world.PushAsync("init", "one", "stable");
        var workload = Manifests.Deployment("web", ("web", world.Image("web", "stable")), ("side", world.Image("side")))
            .Enabled(("track-init-containers", "true"), ("track-containers", "web"), ("last-digest", $"init:{init},side:{side},web:{web}"));
        workload["spec"]!["template"]!["spec"]!["initContainers"] = new JsonArray(new JsonObject { ["name"] = "init", ["image"] = world.Image("init", "stable"), ["imagePullPolicy"] = "IfNotPresent" });
        workload["spec"]!["template"]!["spec"]!["containers"]![1]!["imagePullPolicy"] = "IfNotPresent";
        await world.Api.CreateAsync($"/apis/apps/v1/namespaces/{world.Namespace}/deployments", workload.In(world.Namespace));
        await world.UntilObservedAsync();
        await world.PushAsync("web", "two", "stable");

        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        var template = (await world.GetAsync("Deployment", "web"))["spec"]!["template"]!["spec"]!;
        Assert.All(
            template["containers"]!.AsArray().Concat(template["initContainers"]!.AsArray()),
            container => Assert.Equal("Always", container!["imagePullPolicy"]!.GetValue<string>()));
        var told = Assert.Single((await StoredState.ReadAsync(world)).Of(AuditAction.Restarted));
        Assert.Contains("imagePullPolicy Always for web (was IfNotPresent), side (was IfNotPresent), init (was IfNotPresent)", told.Message);
    }

    [Fact]
    public async Task Apply_NeverPulled_RestartsNothingAndKeepsThePolicy()
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS"] = "true";
        var web = await world.PushAsync("web", "one", "stable");
        var workload = Manifests.Deployment("web", ("web", world.Image("web", "stable"))).Enabled(("last-digest", $"web:{web}"));
        workload["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"] = "Never";
        await world.Api.CreateAsync($"/apis/apps/v1/namespaces/{world.Namespace}/deployments", workload.In(world.Namespace));
        await world.PushAsync("web", "two", "stable");

        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("the imagePullPolicy of web is Never", apply.Output);
        Assert.Empty(SentRestart.All(world));
        Assert.Equal("Never", (await world.GetAsync("Deployment", "web"))["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"]!.GetValue<string>());
        Assert.Contains("imagePullPolicy is Never: a restart pulls nothing", (await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace)).Output);
    }

    private static JsonObject WithFinalizers(JsonObject workload, params string[] finalizers)
    {
        workload["metadata"]!["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]);
        return workload;
    }
}
