using System.Text.RegularExpressions;
using ImageUpdater.Core.Auditing;
using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Holds by annotation in the output of commands.</summary>
public sealed partial class HoldTests
{
    [Fact]
    public async Task Plan_HeldByAnnotations_PrintsEachWithItsEndAndRestartsNone()
    {
        await using var world = await World.StartSandboxAsync();
        (string Name, string Annotation, string Value, string Told)[] held =
        [
            ("closed", "window", $"{DateTime.UtcNow.AddDays(3).DayOfWeek} 02:00-03:00", @"outside window \w+ 02:00-03:00; opens at \d{4}-\d\d-\d\d 02:00:00Z"),
            ("odd", "cooldown", "soon", "invalid cooldown 'soon'"),
            ("unapproved", "approval", "required", "approval is required: kubectl annotate deployment/unapproved --namespace .* --overwrite .*approved-digest=unapproved:sha256:[0-9a-f]{64}"),
            ("young", "min-age", "1h", @"has been served since .*Z; min-age 1h ends at \d{4}"),
        ];
        foreach (var (name, annotation, value, _) in held)
            await world.DeployRolledOutAsync(name, workload => workload.Enabled((annotation, value)));
        await world.DeployRolledOutAsync("free");
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in held.Select(row => row.Name).Append("free"))
            digests[name] = await world.PushAsync(name, "two");

        var plan = await world.PlanAsync();
        foreach (var (name, _, _, told) in held)
            Assert.Matches($"! {world.Namespace}/deployment/{name} {name}: .*{told}", plan.Output);
        Assert.Contains("1 to restart, 0 adopted, 4 held", plan.Output);

        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal("deployments/free", Assert.Single(SentRestart.All(world)).Workload);

        // Anyone with permission to annotate the workload can approve.
        await world.AnnotateAsync("Deployment", "unapproved", "approved-digest", digests["unapproved"]);
        await world.AnnotateAsync("Deployment", "odd", "cooldown", "0");
        await world.UntilObservedAsync();
        Assert.True((await world.ApplyAsync()).ExitCode == 0, apply.ToString());
        Assert.Equal(["deployments/free", "deployments/odd", "deployments/unapproved"], SentRestart.All(world).Select(sent => sent.Workload).Order());

        // The audit shows what held the restart, and since when.
        var history = await world.RunAsync("history", "deployment/odd");
        Assert.Contains("odd held: invalid cooldown 'soon'", history.Output);
        Assert.Contains("odd released", history.Output);
    }

    [Fact]
    public async Task ApplyPlan_HeldForApproval_ApprovesItByHand()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", workload => workload.Enabled(("approval", "required")));
        await world.PushAsync("web", "two");
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 0, plan.ToString());

        Assert.Equal(0, (await world.ApplyAsync()).ExitCode);
        Assert.Empty(SentRestart.All(world));
        var apply = await world.ApplyAsync(PlanId().Match(plan.Output).Groups["id"].Value);
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Single(SentRestart.All(world));
        await (await StoredState.ReadAsync(world)).AgreeWithAsync(world);
    }

    [Fact]
    public async Task ApplyPlan_AnotherDigestThanApproved_IsStale()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", workload => workload.Enabled(("approval", "required")));
        await world.PushAsync("web", "two");
        var plan = await world.PlanAsync();
        await world.PushAsync("web", "three");

        var apply = await world.ApplyAsync(PlanId().Match(plan.Output).Groups["id"].Value);
        Assert.True(apply.ExitCode == 4, apply.ToString());
        Assert.Empty(SentRestart.All(world));
    }

    [Fact]
    public async Task Run_Cooldown_RestartsOnceForTwoPushes()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web", workload => workload.Enabled(("cooldown", "1h")));
        await world.PushAsync("web", "two");
        await using var run = Controller.Start(world);
        await run.UntilAsync("it is rolled out", async () => (await StoredState.ReadAsync(world)).Newest("web")?.EndedAt is not null);
        await world.PushAsync("web", "three");
        await run.UntilAsync("it is held", async () => (await StoredState.ReadAsync(world)).Of(AuditAction.DecisionChanged)
            .Any(record => record.Message.Contains("cooldown 1h ends at", StringComparison.Ordinal)));
        await run.CyclesAsync();
        Assert.Single(SentRestart.All(world));
        var (_, metrics) = await run.GetAsync("/metrics");
        Assert.Contains("image_updater_holds{reason=\"cooldown\"} 1", metrics);
    }

    [Fact]
    public async Task Explain_Workload_PrintsWhatHoldsItAndItsHistory()
    {
        await using var world = await World.StartSandboxAsync();
        var one = await world.DeployRolledOutAsync("web", workload => workload.Enabled(("approval", "required"), ("min-age", "1h")));
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        var two = await world.PushAsync("web", "two");

        var explained = await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace);

        Assert.True(explained.ExitCode == 0, explained.ToString());
        Assert.Contains("- approval is required", explained.Output);
        Assert.Contains("min-age 1h ends at", explained.Output);
        Assert.Matches($"baseline +{one} since .* \\(LastDigest\\)", explained.Output);
        Assert.Matches($"served +{two} since ", explained.Output);
        Assert.Matches("next check +20", explained.Output);
        Assert.Contains("web held: approval is required", explained.Output);
        Assert.Contains("adopted: web: up to date", explained.Output);

        var unknown = await world.RunAsync("explain", "deployment/other", "--namespace", world.Namespace);
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("no enabled deployment/other in namespace", unknown.Errors);
    }

    [Fact]
    public async Task Explain_WhileAnotherProcessWrites_GoesByTheStoreAndAsksAndWritesNothing()
    {
        await using var world = await World.StartSandboxAsync();
        var one = await world.DeployRolledOutAsync("web");
        Assert.Equal(0, (await world.PlanAsync()).ExitCode);
        await world.PushAsync("web", "two");
        await using var writer = await EmptyStore.OpenAsync(world.State);
        var rows = StoreRows.Of(world.State);
        world.Registry!.Requests.Clear();

        var explained = await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace);

        Assert.True(explained.ExitCode == 0, explained.ToString());
        Assert.Matches($"served +{one} since ", explained.Output);
        Assert.Contains("adopted: web: up to date", explained.Output);
        Assert.Equal(0, world.Registry.Requests.Count());
        Assert.Equal(rows, StoreRows.Of(world.State));
        Assert.Empty(SentRestart.All(world));
    }

    [GeneratedRegex("Plan (?<id>p[^:]+):", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlanId();
}
