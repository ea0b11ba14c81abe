using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

/// <summary>The imageIDs that nodes report, as observed with containerd.</summary>
public sealed class ImageIdTests : IAsyncLifetime
{
    private SandboxCluster cluster = null!;
    private SandboxRegistry registry = null!;
    private int restarts;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(5) });
        registry = await SandboxRegistry.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await registry.DisposeAsync();
    }

    [Fact]
    public async Task Index_ChangedForAnotherPlatform_GoesOnReportingTheOldIndex()
    {
        string first = Push("amd64-1", "arm64-1");
        await CreateAsync("multi", "latest");
        Assert.EndsWith("@" + first, await RunningAsync(), StringComparison.Ordinal);

        string second = Push("amd64-1", "arm64-2");
        Assert.NotEqual(first, second);
        Assert.EndsWith("@" + first, await RestartAsync(), StringComparison.Ordinal);

        string third = Push("amd64-2", "arm64-2");
        Assert.EndsWith("@" + third, await RestartAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task IfNotPresent_TagMoved_KeepsWhatTheNodeHas()
    {
        string first = registry.PushImage("app", "stable", "first");
        await CreateAsync("app", "stable");
        string second = registry.PushImage("app", "stable", "second");

        Assert.EndsWith("@" + first, await RestartAsync(), StringComparison.Ordinal);
        cluster.Patch("deployment", "default", "web", """{"spec":{"template":{"spec":{"containers":[{"name":"app","imagePullPolicy":"Always"}]}}}}""");
        Assert.EndsWith("@" + second, await RunningAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Index_WithoutTheNodesPlatform_CannotBePulled()
    {
        registry.PushIndex("app", "latest", [new PlatformImage("linux/arm64", "only")]);
        cluster.Apply(Manifests.Deployment("web", ("app", registry.Reference("app"))));

        await cluster.WaitAsync(() => cluster.List("pods").Any(pod => pod["status"]!["containerStatuses"] is not null), "a first try");
        Assert.Equal("", ImageIds.Of(cluster.List("pods").Single()));
    }

    [Fact]
    public async Task ImageElsewhere_NotOnLoopback_GetsADigestThatStays()
    {
        cluster.Apply(Manifests.Deployment("web", ("app", "nginx")));
        string before = await RunningAsync();

        Assert.StartsWith("docker.io/library/nginx@sha256:", before, StringComparison.Ordinal);
        Assert.Equal(before, await RestartAsync());
    }

    private string Push(string amd64, string arm64) =>
        registry.PushIndex("multi", "latest", [new PlatformImage("linux/amd64", amd64), new PlatformImage("linux/arm64", arm64)]);

    private async Task CreateAsync(string repository, string tag)
    {
        cluster.Apply(Manifests.Deployment("web", ("app", registry.Reference(repository, tag))));
        await RunningAsync();
    }

    private async Task<string> RestartAsync()
    {
        cluster.Patch("deployment", "default", "web", $$"""{"spec":{"template":{"metadata":{"annotations":{"restart":"{{++restarts}}"} } } } }""");
        return await RunningAsync();
    }

    private async Task<string> RunningAsync()
    {
        await cluster.WaitForRolloutAsync("deployment", "default", "web");
        await cluster.WaitUntilSettledAsync();
        JsonObject pod = Assert.Single(cluster.List("pods"));
        return ImageIds.Of(pod);
    }
}
