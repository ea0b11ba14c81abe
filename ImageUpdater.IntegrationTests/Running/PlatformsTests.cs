using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>A workload while its tag gets images for different platforms, and nodes are added.</summary>
public sealed class PlatformsTests
{
    [Fact]
    public async Task Plan_IndexesAndNodesComeAndGo_RestartsOnlyForWhatANodeRuns()
    {
        await using var world = await World.StartSandboxAsync();
        await PushAsync(world, amd64: "a1", arm64: "b1");
        await world.DeployAsync(Manifests.Deployment("app", ("app", world.Image("app"))).Enabled());
        await AssertPlanAsync(world, exitCode: 0, "1 adopted");

        await PushAsync(world, amd64: "a1", arm64: "b2");
        await AssertPlanAsync(world, exitCode: 0, "new digest, but the manifests for the node platforms are unchanged");

        // The new node pulls the served digest, which is already the baseline.
        world.Sandbox!.AddNode(new SandboxNode("arm") { Architecture = "arm64" });
        await AssertPlanAsync(world, exitCode: 0, "Nothing to do.");
        await PushAsync(world, amd64: "a1", arm64: "b3");
        await AssertPlanAsync(world, exitCode: 2, "new digest for linux/arm64");
        await ApplyAsync(world);

        await world.PushAsync("app", "single");
        await AssertPlanAsync(world, exitCode: 2, "new digest for linux/amd64; no longer available for linux/arm64");
        await ApplyAsync(world);
        await PushAsync(world, amd64: "a2", arm64: "b4");
        await AssertPlanAsync(world, exitCode: 2, "new digest for linux/amd64, linux/arm64");
        await ApplyAsync(world);

        var state = await world.RunAsync("state", "show", "image", world.Image("app"));
        Assert.Matches(
            @"\n  from [-0-9]+ [0-9:]+Z  sha256:[0-9a-f]{64}  application/vnd.oci.image.index.v1\+json\n    linux/a(?:md|rm)64 +sha256:[0-9a-f]{64}\n", state.Output);
        Assert.Matches(@"\n  from [-0-9]+ [0-9:]+Z until [-0-9]+ [0-9:]+Z  sha256:[0-9a-f]{64}  application/vnd.oci.image.manifest.v1\+json\n", state.Output);

        await PushAsync(world, amd64: null, arm64: "b4");
        await AssertPlanAsync(world, exitCode: 0, "no longer has a manifest for linux/amd64; unchanged for the other node platforms");
        await PushAsync(world, amd64: "a2", arm64: "b4");
        await AssertPlanAsync(world, exitCode: 0, "Nothing to do.");

        // Each index was requested once, for any number of decisions.
        var fetched = world.Registry!.Requests.Matching("GET").Where(IsManifestOfUs).Select(request => request.Path).ToList();
        Assert.NotEmpty(fetched);
        Assert.Distinct(fetched);

        static bool IsManifestOfUs(RequestRecord request) => request.Path.Contains("/manifests/sha256:", StringComparison.Ordinal);
    }

    private static Task<string> PushAsync(World world, string? amd64, string arm64)
    {
        var contents = new Dictionary<string, string>(StringComparer.Ordinal) { ["linux/arm64"] = arm64 };
        if (amd64 is not null)
            contents.Add("linux/amd64", amd64);
        return world.PushIndexAsync("app", contents);
    }

    private static async Task AssertPlanAsync(World world, int exitCode, string contained)
    {
        var plan = await world.PlanAsync("--detailed-exitcode");
        Assert.True(plan.ExitCode == exitCode, plan.ToString());
        Assert.Contains(contained, plan.Output);
    }

    private static async Task ApplyAsync(World world)
    {
        var apply = await world.ApplyAsync();
        Assert.True(apply.ExitCode == 0, apply.ToString());
    }
}
