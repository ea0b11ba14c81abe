using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>Neither an installation nor a lost volume causes a wave of restarts.</summary>
public sealed class LostVolumeTests
{
    [Fact]
    public async Task Apply_AfterTheStateWasLost_RestartsOnlyWhatChangedMeanwhile()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var name in new[] { "web", "api" })
        {
            await world.DeployRolledOutAsync(name);
            await world.PushAsync(name, "two");
        }

        var before = await world.ApplyAsync();
        Assert.True(before.ExitCode == 0, before.ToString());
        Assert.Equal(2, SentRestart.Effective(world).Count);

        Lose(world);
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 0, plan.ToString());

        Lose(world);
        await world.PushAsync("api", "three");
        var after = await world.ApplyAsync();
        Assert.True(after.ExitCode == 0, after.ToString());
        Assert.Equal("deployments/api", Assert.Single(SentRestart.All(world).Skip(2)).Workload);
    }

    [Fact]
    public async Task Apply_FreshInstallOverAHundredWorkloads_RestartsNone()
    {
        await using var world = await World.StartSandboxAsync();
        foreach (var image in new[] { "red", "green", "blue" })
            await world.PushAsync(image, image);
        for (var i = 0; i < 100; i++)
        {
            var container = ("app", world.Image(new[] { "red", "green", "blue" }[i % 3]));
            world.Sandbox!.Apply((i % 2 == 0 ? Manifests.Deployment($"app{i}", container) : Manifests.StatefulSet($"app{i}", container)).Enabled().In(world.Namespace));
        }

        await world.Sandbox!.WaitUntilSettledAsync(TimeSpan.FromMinutes(1));

        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("0 to restart, 100 adopted", apply.Output);
        Assert.Empty(SentRestart.All(world));
    }

    [Fact]
    public async Task Apply_UndoneBeforeTheStateWasLost_IsNotRolledOutAgain()
    {
        await using var world = await World.StartSandboxAsync();
        var good = await world.DeployRolledOutAsync("web", KeepsImages);
        await world.DeployAsync(KeepsImages(Manifests.StatefulSet("db", ("web", world.Image("web"))).Enabled(("last-digest", $"web:{good}"))));
        var bad = await world.PushAsync("web", "bad");
        // The node keeps its cached image, which is a mismatch; with Always, an undo would pull the bad image again.
        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 3, apply.ToString());
        Assert.Equal(2, SentRestart.Effective(world).Count);

        // What kubectl rollout undo does; whoever removes the annotations of the StatefulSet is another.
        foreach (var (kind, name, annotation) in new[] { ("Deployment", "web", $"web:{good}"), ("StatefulSet", "db", $"web:{good}") })
            await UndoAsync(world, kind, name, annotation);
        Lose(world);
        world.Sandbox!.Requests.Clear();
        var undone = await world.ApplyAsync();
        Assert.True(undone.ExitCode == 0, undone.ToString());
        Assert.Contains("0 to restart, 2 adopted", undone.Output);
        Assert.Single(world.Sandbox.Requests.All, request => request.Path.EndsWith("/replicasets", StringComparison.Ordinal));
        Assert.Single(world.Sandbox.Requests.All, request => request.Path.EndsWith("/controllerrevisions", StringComparison.Ordinal));

        // Nor later, and it is not called up to date.
        world.Sandbox.Requests.Clear();
        var explained = await world.RunAsync("explain", "deployment/web", "--namespace", world.Namespace);
        Assert.Contains("was undone, for example with kubectl rollout undo", explained.Output);
        Assert.DoesNotContain("up to date", explained.Output);
        Assert.Contains("0 to restart", (await world.ApplyAsync()).Output);
        Assert.DoesNotContain(world.Sandbox.Requests.All, request => request.Path.EndsWith("/replicasets", StringComparison.Ordinal));

        await world.PushAsync("web", "mended");
        var next = await world.ApplyAsync();
        Assert.True(next.ExitCode == 3, next.ToString());
        Assert.Equal(2, SentRestart.Effective(world).Count);
        Assert.NotEqual($"web:{bad}", await world.AnnotationAsync("Deployment", "web", "last-digest"));
    }

    [Fact]
    public async Task Plan_NoRightToListRevisions_SaysWhatItCannotTell()
    {
        await using var world = await World.StartSandboxAsync();
        await world.DeployRolledOutAsync("web");
        await world.PushAsync("web", "two");
        world.Sandbox!.Forbidden = [new("list", "replicasets")];

        var plan = await world.PlanAsync();
        Assert.Contains("1 to restart", plan.Output);
        Assert.Contains($"  ! cannot list the revisions of {world.Namespace}/deployment/web, so a digest that was undone with kubectl rollout undo may be rolled out again: replicasets.apps is forbidden", plan.Output);
        Assert.DoesNotContain("revisions", (await world.PlanAsync()).Output);
    }

    [Fact]
    public async Task Plan_IndexChanged_RestartsOnlyForThePlatformsOfTheNodes()
    {
        await using var world = await World.StartSandboxAsync();
        var index = await PushAsync(world, amd64: "one", arm64: "one", attestation: "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled(("last-digest", $"web:{index}")));

        await PushAsync(world, amd64: "one", arm64: "two", attestation: "one");
        await StaysAsync(world);
        await PushAsync(world, amd64: "one", arm64: "two", attestation: "two");
        await StaysAsync(world);

        await PushAsync(world, amd64: "two", arm64: "two", attestation: "two");
        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("new digest for linux/amd64", apply.Output);
        Assert.Single(SentRestart.Effective(world));
    }

    private static Task<string> PushAsync(World world, string amd64, string arm64, string attestation) => world.PushIndexAsync(
        "web", new Dictionary<string, string>(StringComparer.Ordinal) { ["linux/amd64"] = amd64, ["linux/arm64"] = arm64 }, attestation);

    private static async Task StaysAsync(World world)
    {
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains("new digest, but the manifests for the node platforms are unchanged", plan.Output);
    }

    // With Always, the pods would pull the new image although their template is an old one.
    private static System.Text.Json.Nodes.JsonObject KeepsImages(System.Text.Json.Nodes.JsonObject workload)
    {
        workload["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"] = "IfNotPresent";
        return workload;
    }

    private static async Task UndoAsync(World world, string kind, string name, string lastDigest)
    {
        await world.AnnotateAsync(kind, name, "last-digest", lastDigest);
        await world.MergeAsync(kind, name, System.Text.Json.Nodes.JsonNode.Parse("""{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":null} } } } }""")!.AsObject());
        await Eventually.HoldsAsync($"{name} is rolled back", () => world.IsRolledOutAsync(kind, name));
        Assert.Null(await world.RestartedAtAsync(kind, name));
    }

    private static void Lose(World world)
    {
        foreach (var file in Directory.GetFiles(world.Folder, "state.db*"))
            File.Delete(file);
    }
}
