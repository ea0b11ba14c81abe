using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <c>apply PLAN</c> applies only what was approved.
public sealed partial class StoredPlanTests
{
    [Fact]
    public async Task ApplyPlan_ByFileAndThenById_HasNothingToDoTheSecondTime()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.DeployRolledOutAsync("later");
        await world.PushAsync("web", "two");
        var (id, file) = await PlanAsync(world);
        // Changes since the plan was made were not approved.
        await world.PushAsync("later", "two");

        var first = await world.ApplyAsync(file);
        Assert.True(first.ExitCode == 0, first.ToString());
        var second = await world.ApplyAsync(id);
        Assert.True(second.ExitCode == 0, second.ToString());
        Assert.Contains("has already been applied. Nothing to do.", second.Output);

        Assert.Equal("deployments/web", Assert.Single(SentRestart.All(world)).Workload);
        await (await StoredState.ReadAsync(world)).AgreeWithAsync(world);
    }

    [Fact]
    public async Task ApplyPlan_Stale_NamesWhatChangedAndChangesNothing()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var name in new[] { "anew", "edited", "pushed", "same", "scaled", "template" })
        {
            await world.DeployRolledOutAsync(name);
            await world.PushAsync(name, "two");
        }

        // Without pods: with a new template they would pull the newest image.
        await world.MergeAsync("Deployment", "template", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 0 } });
        await Eventually.HoldsAsync("template has no pods", () => world.IsRolledOutAsync("Deployment", "template"));
        var (id, _) = await PlanAsync(world);
        await world.PushAsync("pushed", "three");
        await world.DeleteAsync("Deployment", "anew");
        await world.DeployAsync(Manifests.Deployment("anew", ("anew", world.Image("anew"))).Enabled());
        await world.PushAsync("edited", "other", "other");
        var edited = world.Image("edited", "other");
        await world.MergeAsync("Deployment", "edited", new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "edited", ["image"] = edited }) } },
            },
        });

        await world.MergeAsync("Deployment", "template", new JsonObject
        {
            ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["terminationGracePeriodSeconds"] = 7 } } },
        });
        await world.MergeAsync("Deployment", "scaled", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 2 } });
        foreach (var name in new[] { "edited", "scaled", "template" })
            await Eventually.HoldsAsync($"{name} is rolled out", () => world.IsRolledOutAsync("Deployment", name));

        var apply = await world.ApplyAsync(id);

        Assert.True(apply.ExitCode == 4, apply.ToString());
        Assert.Contains($"plan {id} is stale; nothing was changed: 4 differences", apply.Errors);
        Assert.Contains("deployment/anew was deleted and recreated", apply.Errors);
        Assert.Contains($"deployment/edited edited: the image is now {edited}", apply.Errors);
        Assert.Matches("deployment/pushed pushed: the registry now serves .*, not ", apply.Errors);
        Assert.Contains("deployment/template: the pod template changed", apply.Errors);
        Assert.DoesNotContain("deployment/same", apply.Errors);
        Assert.DoesNotContain("deployment/scaled", apply.Errors);
        Assert.Empty(SentRestart.All(world));
    }

    private static async Task<(string Id, string File)> PlanAsync(World world)
    {
        var file = Path.Combine(world.Folder, "plan.json");
        var plan = await world.PlanAsync("--out", file);
        Assert.True(plan.ExitCode == 0, plan.ToString());
        return (PlanId().Match(plan.Output).Groups["id"].Value, file);
    }

    [GeneratedRegex("Plan (?<id>p[^:]+):", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PlanId();
}
