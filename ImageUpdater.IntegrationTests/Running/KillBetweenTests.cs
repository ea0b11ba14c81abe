using System.Text.Json.Nodes;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Kills the Host between intent and patch, and between patch and result. The patch then arrives at different later times.</summary>
public sealed class KillBetweenTests
{
    [Fact]
    public async Task Kill_BetweenIntentAndPatch_ThatArrivesBeforeTheNextStart_IsRecovered()
    {
        await using var world = await World.StartSandboxAsync();
        var second = await DeployAndPushAsync(world);
        var patch = new TaskCompletionSource();
        await KillWithHeldPatchAsync(world, patch);
        Assert.Equal(RolloutState.Intended, Assert.Single((await StoredState.ReadAsync(world)).Rollouts).State);

        patch.SetResult();
        await ArrivedAsync(world, second);
        await using var next = Controller.Start(world);
        await EndsWellAsync(world, next);
        Assert.Contains("the workload shows that the patch was applied", Assert.Single((await StoredState.ReadAsync(world)).Of(AuditAction.Restarted)).Message);
    }

    [Fact]
    public async Task Kill_BetweenIntentAndPatch_ThatArrivesAfterTheNextStartPatched_IsRefused()
    {
        await using var world = await World.StartSandboxAsync();
        var second = await DeployAndPushAsync(world);
        var patch = new TaskCompletionSource();
        await KillWithHeldPatchAsync(world, patch);

        await using var next = Controller.Start(world);
        await next.UntilAsync("the next start restarts", async () => await world.AnnotationAsync("Deployment", "web", "last-digest") == $"web:{second}");
        patch.SetResult();
        await next.UntilAsync("the late patch is refused", () => SentRestart.All(world).Any(sent => sent.Status == 409));
        await EndsWellAsync(world, next);
        Assert.Single(SentRestart.Effective(world));
    }

    [Fact]
    public async Task Kill_BetweenIntentAndPatch_ThatArrivesAfterItWasGivenUp_IsStillRecorded()
    {
        await using var world = await World.StartSandboxAsync();
        var second = await DeployAndPushAsync(world);
        var patch = new TaskCompletionSource();
        await KillWithHeldPatchAsync(world, patch);

        // The registry serves nothing, so the next start gives up the intent and has no reason to patch again.
        using var failing = world.Registry!.Faults.Add(new RegistryFault { Status = 404 });
        await using var next = Controller.Start(world);
        await next.UntilAsync("the intent is given up", async () => (await StoredState.ReadAsync(world)).Rollouts.Any(rollout => rollout.State == RolloutState.NotApplied));
        patch.SetResult();
        await ArrivedAsync(world, second);
        // A cycle now finds the digest in the pods, and would adopt it if the patch was forgotten.
        await Eventually.HoldsAsync("it is rolled out", () => world.IsRolledOutAsync("Deployment", "web"));
        await next.CyclesAsync();
        failing.Dispose();

        await EndsWellAsync(world, next);
        Assert.Single(SentRestart.All(world));
    }

    [Fact]
    public async Task Kill_TwiceBetweenIntentAndPatch_TheFirstArriving_RecordsTheFirst()
    {
        await using var world = await World.StartSandboxAsync();
        var second = await DeployAndPushAsync(world);
        var first = new TaskCompletionSource();
        var other = new TaskCompletionSource();
        await KillWithHeldPatchAsync(world, first);
        await KillWithHeldPatchAsync(world, other);

        first.SetResult();
        await ArrivedAsync(world, second);
        other.SetResult();
        await using var next = Controller.Start(world);
        await EndsWellAsync(world, next);
    }

    [Fact]
    public async Task Kill_BetweenPatchAndResult_IsRecovered()
    {
        await using var world = await World.StartSandboxAsync();
        var second = await DeployAndPushAsync(world);
        var answer = new TaskCompletionSource();
        world.Sandbox!.Faults.Add(new ClusterFault { Method = "PATCH", HoldAnswer = answer.Task, Times = 1 });
        await using (var killed = Controller.Start(world))
        {
            await ArrivedAsync(world, second);
            await killed.KillAsync();
        }

        Assert.Empty((await StoredState.ReadAsync(world)).Of(AuditAction.Restarted));
        await using var next = Controller.Start(world);
        await EndsWellAsync(world, next);
    }

    [Fact]
    public async Task Kill_AroundTheRemovalOfAFinalizer_RecordsEachOnce()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("answered", WithLegacyFinalizer);
        await world.DeployRolledOutAsync("late", WithLegacyFinalizer);
        await world.DeployRolledOutAsync("disabled", WithLegacyFinalizer);
        var (answer, late, never) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());

        // One patch arrives but its response is lost, one arrives after the next start has repeated it, one never arrives.
        await KillWithHeldAsync(world, new ClusterFault { Method = "PATCH", PathContains = "/answered", HoldAnswer = answer.Task, Times = 1 }, "answered");
        await KillWithHeldAsync(world, new ClusterFault { Method = "PATCH", PathContains = "/disabled", Hold = never.Task, Times = 1 }, "disabled");
        await world.AnnotateAsync("Deployment", "disabled", "enabled", "false");
        await KillWithHeldAsync(world, new ClusterFault { Method = "PATCH", PathContains = "/late", Hold = late.Task, OutlivesClient = true, Times = 1 }, "late");

        await using var next = Controller.Start(world);
        await next.UntilAsync("all that is enabled is free of it", async () => !await HasFinalizerAsync(world, "answered") && !await HasFinalizerAsync(world, "late"));
        late.SetResult();
        await next.UntilAsync("the late patch is refused", () => SentRemovals(world).Any(sent => sent.Status == 409));
        await next.CyclesAsync();
        Assert.Equal(0, await next.StopAsync());
        never.SetResult();

        Assert.True(await HasFinalizerAsync(world, "disabled"));
        var told = (await StoredState.ReadAsync(world)).Of(AuditAction.FinalizerRemoved);
        Assert.Equal(["answered", "late"], told.Select(record => record.Workload.Name).Order());
        Assert.Contains("the workload shows that the patch was applied", told.Single(record => record.Workload.Name == "answered").Message);
        Assert.Empty((await StoredState.ReadAsync(world)).OpenRemovals);
        var effective = SentRemovals(world).Where(sent => sent.Status == 200);
        Assert.Equal(effective.Select(sent => sent.Body).Order(), told.Select(record => record.Patch).Order());
    }

    private static async Task KillWithHeldAsync(World world, ClusterFault held, string name)
    {
        world.Sandbox!.Faults.Add(held);
        await using var killed = Controller.Start(world);
        await killed.UntilAsync($"the patch of {name} is held", () => world.Sandbox.Faults.IsMet(held));
        if (held.HoldAnswer is not null)
            await killed.UntilAsync("the patch arrived", async () => !await HasFinalizerAsync(world, name));
        await killed.KillAsync();
    }

    private static JsonObject WithLegacyFinalizer(JsonObject workload)
    {
        workload["metadata"]!["finalizers"] = new JsonArray(Manifests.AnnotationPrefix + "finalizer");
        return workload;
    }

    private static async Task<bool> HasFinalizerAsync(World world, string name) =>
        (await world.GetAsync("Deployment", name))["metadata"]!["finalizers"] is JsonArray { Count: > 0 };

    private static List<RequestRecord> SentRemovals(World world) =>
        [.. world.Sandbox!.Requests.Matching("PATCH", "/apis/apps/").Where(request => request.Body?.Contains(Manifests.AnnotationPrefix + "finalizer", StringComparison.Ordinal) == true)];

    private static async Task<string> DeployAndPushAsync(World world)
    {
        await world.DeployRolledOutAsync("web");
        return await world.PushAsync("web", "two");
    }

    private static async Task KillWithHeldPatchAsync(World world, TaskCompletionSource patch)
    {
        var held = new ClusterFault { Method = "PATCH", Hold = patch.Task, OutlivesClient = true, Times = 1 };
        world.Sandbox!.Faults.Add(held);
        await using var killed = Controller.Start(world);
        await killed.UntilAsync("the patch is held", () => world.Sandbox.Faults.IsMet(held));
        await killed.KillAsync();
    }

    private static Task ArrivedAsync(World world, string digest) => Eventually.HoldsAsync(
        "the patch arrived", async () => await world.AnnotationAsync("Deployment", "web", "last-digest") == $"web:{digest}");

    private static async Task EndsWellAsync(World world, Controller controller)
    {
        await controller.UntilAsync("the rollout has ended well", async () => (await StoredState.ReadAsync(world)).Rollouts.Any(rollout => rollout.State == RolloutState.Succeeded));
        await controller.CyclesAsync();
        Assert.Equal(0, await controller.StopAsync());
        var state = await StoredState.ReadAsync(world);
        await state.AgreeWithAsync(world);
        Assert.Single(state.Of(AuditAction.Restarted));
    }
}
