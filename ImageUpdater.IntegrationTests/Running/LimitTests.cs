using System.Globalization;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>An image that many workloads share is pushed. <c>IMAGE_UPDATER_TEST_SHARERS</c> sets their number.</summary>
public sealed class LimitTests
{
    private static readonly int Sharers =
        int.TryParse(Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_SHARERS"), NumberStyles.None, CultureInfo.InvariantCulture, out var many) ? many : 11;

    [Fact]
    public async Task Run_ManyShareAnImage_RollsOutAFewAtATimeAndAllInTheEnd()
    {
        await using var world = await DeployAsync();
        // The check interval is longer than the test: queued workloads must not wait for a check.
        await using var run = Controller.Start(world, ("ImageUpdater__MaxRolloutsPerNamespace", "5"), ("CHECK_INTERVAL", "3600"));
        for (var some = Math.Min(10, Sharers); ; some = Math.Min(some + 10, Sharers))
        {
            await run.UntilAsync($"{some} are rolled out", async () =>
                (await StoredState.ReadAsync(world)).Rollouts.Count(rollout => rollout.State == RolloutState.Succeeded) >= some);
            if (some == Sharers)
                break;
        }

        Assert.Equal(0, await run.StopAsync());

        Assert.InRange(world.Sandbox!.Rollouts.MostAtOnce(), 2, 5);
        var state = await StoredState.ReadAsync(world);
        Assert.Empty(state.Of(AuditAction.DecisionChanged));
        await state.AgreeWithAsync(world);
    }

    /// <summary>What a wave of restarts leaves behind: the benchmark "wave" has 400, and prints the size.</summary>
    [Fact]
    public async Task Run_ManyAreQueued_ATurnIsNoNews()
    {
        const int Wave = 24;
        await using var world = await DeployAsync(Wave);
        await using (var run = Controller.Start(world, ("ImageUpdater__MaxRolloutsPerNamespace", "5"), ("CHECK_INTERVAL", "3600")))
        {
            await run.UntilAsync("all are rolled out", async () =>
                (await StoredState.ReadAsync(world)).Rollouts.Count(rollout => rollout.State == RolloutState.Succeeded) == Wave);
            Assert.Equal(0, await run.StopAsync());
        }

        var rows = StoreRows.Of(world.State);
        Assert.Equal((1, Wave, Wave), (rows["plans"], rows["plan_workloads"], rows["rollouts"]));
        var state = await StoredState.ReadAsync(world);
        Assert.Equal((Wave, Wave, Wave), (state.Of(AuditAction.Adopted).Count, state.Of(AuditAction.Restarted).Count, state.Of(AuditAction.RolloutSucceeded).Count));
        Assert.Equal(3 * Wave, rows["audit"]);
        // Each restart belongs to the plan that queued it.
        Assert.Single(state.Rollouts.Select(rollout => rollout.PlanId).Distinct());
        Assert.NotNull(state.Rollouts[0].PlanId);
        // 5 MB for 400, as the benchmark measures them: 12.5 kB each.
        Assert.InRange(new FileInfo(world.State).Length, 1, 256 * 1024 + (Wave * 12_500));
    }

    /// <summary>Each failure is news. The plan after it differs from the last one in those that ended and those that took their turn.</summary>
    [Fact]
    public async Task Run_AllFail_APlanAddsTheRowsThatDifferAlone()
    {
        const int Wave = 10;
        await using var world = await World.StartSandboxAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(20) });
        for (var i = 0; i < Wave; i++)
        {
            await world.DeployRolledOutAsync($"app{i}", workload => workload.Deadline(1).Enabled());
            world.Sandbox!.BreakImage(await world.PushAsync($"app{i}", "broken"));
        }

        await using (var run = Controller.Start(world, ("ImageUpdater__MaxRolloutsPerNamespace", "2"), ("CHECK_INTERVAL", "3600")))
        {
            await run.UntilAsync("all are held", async () => (await StoredState.ReadAsync(world)).Of(AuditAction.DecisionChanged).Count == Wave);
            Assert.Equal(0, await run.StopAsync());
        }

        // Each workload is queued, restarted and held, and may have been read in another version in between.
        var rows = StoreRows.Of(world.State);
        Assert.InRange(rows["plans"], 3, 2 * Wave);
        Assert.InRange(rows["plan_workloads"], Wave, (9 * Wave) / 2);
        var state = await StoredState.ReadAsync(world);
        Assert.Equal((Wave, Wave), (state.Of(AuditAction.Restarted).Count, state.Of(AuditAction.RolloutFailed).Count));
        Assert.Empty(await state.ProblemsAsync());
    }

    [Fact]
    public async Task Apply_ManyShareAnImage_WaitsAndGoesOn()
    {
        await using var world = await DeployAsync(4);
        var file = Path.Combine(world.Folder, "plan.json");
        var plan = await world.PlanAsync("--out", file);
        Assert.Contains("Queued for a rollout slot", plan.Output);
        Assert.Matches(@"Plan .*: 4 to restart \(2 now, 2 queued\), . adopted, 0 held", plan.Output);

        var some = await world.ApplyAsync("--wait=false");
        Assert.True(some.ExitCode == 0, some.ToString());
        Assert.Contains("2 more workloads are queued", some.Output);
        Assert.Matches("Done in .*: 2 restarted, 2 still rolling out, 2 still queued\\.\n$", some.Output);
        Assert.Equal(2, SentRestart.All(world).Count);

        var rest = await world.ApplyAsync();
        Assert.True(rest.ExitCode == 0, rest.ToString());
        Assert.Matches(@"(?m)^ok .*\(2 of 2, [^)]+\)$", rest.Output);
        Assert.Matches("Done in .*: 2 restarted, 2 verified\\.\n$", rest.Output);
        Assert.Equal(4, SentRestart.All(world).Count);
        Assert.InRange(world.Sandbox!.Rollouts.MostAtOnce(), 1, 2);
        await (await StoredState.ReadAsync(world)).AgreeWithAsync(world);
    }

    /// <summary>Between the restarts, apply plans again.</summary>
    [Fact]
    public async Task Apply_OneIsHeldForApproval_ItIsNeitherApprovedNorRecordedAsReleased()
    {
        await using var world = await DeployAsync(4);
        await world.DeployRolledOutAsync("held", workload => workload.Enabled(("approval", "required")));
        await world.PushAsync("held", "two");

        var apply = await world.ApplyAsync();

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal(4, SentRestart.All(world).Count);
        var ofHeld = (await StoredState.ReadAsync(world)).Of(AuditAction.DecisionChanged).Where(record => record.Workload.Name == "held").Select(record => record.Message);
        Assert.StartsWith("held held: approval is required", Assert.Single(ofHeld), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplyPlan_OneOfThoseThatWaitFails_HoldsTheOthersWithTheImage()
    {
        await using var world = await DeployAsync(4, deadline: 1);
        world.Sandbox!.BreakImage(await world.PushAsync("base", "broken"));
        var file = Path.Combine(world.Folder, "plan.json");
        await world.PlanAsync("--out", file);

        var apply = await world.ApplyAsync(file);

        Assert.True(apply.ExitCode == 3, apply.ToString());
        Assert.Equal(2, SentRestart.All(world).Count);
        Assert.Matches("deployment/app0?[23]: the rollout of .*deployment/app0?[01] to sha256:[0-9a-f]{12} failed", apply.Output);
    }

    /// <summary>The same, but the store knows that the digest runs elsewhere.</summary>
    [Theory]
    [InlineData("namespace", 0)]
    [InlineData("cluster", 2)]
    public async Task Plan_FailedDigestIsVerifiedInAnotherNamespace_RestartsTheOthersIfThatIsInTheScope(string scope, int restarts)
    {
        await using var world = await DeployAsync(4, deadline: 1);
        world.Sandbox!.BreakImage(await world.PushAsync("base", "broken"));
        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 3, apply.ToString());
        var failed = (await StoredState.ReadAsync(world)).Rollouts[0];
        await using (var store = await EmptyStore.OpenAsync(world.State))
        {
            var elsewhere = failed with { Id = "elsewhere", Uid = "uid-elsewhere", Workload = failed.Workload with { Namespace = "elsewhere" } };
            var end = new RolloutEnd(RolloutState.Succeeded, failed.StartedAt, "rolled out", RolloutVerification.Verified);
            await store.Applying.BeginRolloutAsync(elsewhere with { State = RolloutState.Intended, EndedAt = null }, CancellationToken.None);
            await store.Applying.MarkPatchedAsync(elsewhere.Id, "1", AuditRecords.Restarted(elsewhere, failed.StartedAt, recovered: false), CancellationToken.None);
            await store.Applying.FinishRolloutAsync(elsewhere.Id, end, AuditRecords.Ended(elsewhere, end), CancellationToken.None);
        }

        world.HostEnvironment["ImageUpdater__Quarantine"] = scope;
        var plan = await world.PlanAsync();

        Assert.Contains($": {restarts} to restart,", plan.Output);
    }

    private static async Task<World> DeployAsync(int? sharers = null, int deadline = 600)
    {
        var world = await World.StartSandboxAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(100) });
        var before = await world.PushAsync("base", "one");
        for (var i = 0; i < (sharers ?? Sharers); i++)
            await world.DeployAsync(Manifests.Deployment($"app{i:00}", ("app", world.Image("base"))).Deadline(deadline).Enabled(("last-digest", $"app:{before}")));
        await world.PushAsync("base", "two");
        return world;
    }
}
