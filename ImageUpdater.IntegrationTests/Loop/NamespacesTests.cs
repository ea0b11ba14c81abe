using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Loop;

/// <summary>A list of namespaces instead of the whole cluster, with permissions in these namespaces only.</summary>
public sealed class NamespacesTests
{
    private static readonly string[] Kinds = ["deployments", "statefulsets", "daemonsets"];

    [Fact]
    public async Task Plan_ListOfNamespaces_ReadsTheseAlone()
    {
        await using var world = await StartAsync("iut-shop", "iut-media", "iut-private");
        world.HostEnvironment["ImageUpdater__Namespaces"] = " iut-shop, iut-media ,";

        var plan = await world.RunAsync("plan", "--output", "json");

        Assert.True(plan.ExitCode == 0, plan.ToString());
        var document = JsonNode.Parse(plan.Output)!;
        Assert.Equal(["iut-media", "iut-shop"], document["workloads"]!.AsArray().Select(workload => (string?)workload!["namespace"]));
        Assert.Equal(["iut-shop", "iut-media"], document["scope"]!["namespaces"]!.AsArray().Select(name => (string?)name));
        Assert.Empty(document["warnings"]!.AsArray());
        Assert.All(Kinds, kind => Assert.Equal(0, world.Sandbox!.Requests.Count("GET", $"/apis/apps/v1/{kind}")));
        Assert.Equal(0, world.Sandbox!.Requests.Count("GET", "/apis/apps/v1/namespaces/iut-private/"));
    }

    [Fact]
    public async Task Plan_OneNamespaceNotReadable_IsAWarningAndNoneOfItsWorkloadsIsTakenForGone()
    {
        await using var world = await StartAsync("iut-shop", "iut-media");
        world.HostEnvironment["ImageUpdater__Namespaces"] = "iut-shop,iut-media";
        await world.RunAsync("plan");
        world.Sandbox!.Forbidden = [.. Kinds.Select(kind => new ForbiddenVerb("list", kind, "iut-media"))];

        var plan = await world.RunAsync("plan", "--output", "json");

        Assert.True(plan.ExitCode == 0, plan.ToString());
        var document = JsonNode.Parse(plan.Output)!;
        Assert.Equal("iut-shop", (string?)document["scope"]!["namespace"]);
        Assert.Equal(3, document["scope"]!["kinds"]!.AsArray().Count);
        Assert.Equal(3, document["warnings"]!.AsArray().Count(warning => ((string?)warning)!.Contains("in namespace iut-media: ", StringComparison.Ordinal)));
        Assert.Equal("iut-shop", (string?)Assert.Single(document["workloads"]!.AsArray())!["namespace"]);
    }

    [Fact]
    public async Task Plan_OneKindNotReadableInOneNamespace_IsNotCovered()
    {
        await using var world = await StartAsync("iut-shop", "iut-media");
        world.HostEnvironment["ImageUpdater__Namespaces"] = "iut-shop,iut-media";
        world.Sandbox!.Forbidden = [new ForbiddenVerb("list", "statefulsets", "iut-media")];

        var document = JsonNode.Parse((await world.RunAsync("plan", "--output", "json")).Output)!;

        Assert.Equal(["iut-shop", "iut-media"], document["scope"]!["namespaces"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(["deployment", "daemonset"], document["scope"]!["kinds"]!.AsArray().Select(kind => (string?)kind));
        Assert.Equal(2, document["workloads"]!.AsArray().Count);
    }

    [Fact]
    public async Task ApplyPlan_OfSeveralNamespaces_RestartsInAllOfThem()
    {
        await using var world = await StartAsync("iut-shop", "iut-media");
        world.HostEnvironment["ImageUpdater__Namespaces"] = "iut-shop,iut-media";
        await world.RunAsync("plan");
        await world.PushAsync("app", "two");
        var file = Path.Combine(world.Folder, "plan.json");
        await world.RunAsync("plan", "--out", file);
        world.HostEnvironment.Remove("ImageUpdater__Namespaces");
        world.Sandbox!.Requests.Clear();

        var apply = await world.RunAsync("apply", file, "--auto-approve");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("iut-media/deployment/app", apply.Output, StringComparison.Ordinal);
        Assert.Contains("iut-shop/deployment/app", apply.Output, StringComparison.Ordinal);
        Assert.Equal(0, world.Sandbox.Requests.Count("GET", "/apis/apps/v1/deployments"));
    }

    [Fact]
    public async Task Plan_PullSecretNamespaces_OtherSecretsAreNotAskedFor()
    {
        await using var world = await StartAsync("iut-shop", "iut-media");
        world.HostEnvironment["ImageUpdater__PullSecretNamespaces"] = "iut-shop";
        world.Sandbox!.Forbidden = [new ForbiddenVerb("get", "serviceaccounts", "iut-media"), new ForbiddenVerb("get", "secrets", "iut-media")];

        var plan = await world.RunAsync("plan", "--output", "json");

        Assert.Empty(JsonNode.Parse(plan.Output)!["warnings"]!.AsArray());
        Assert.True(world.Sandbox.Requests.Count("GET", "/api/v1/namespaces/iut-shop/serviceaccounts/") > 0);
        Assert.Equal(0, world.Sandbox.Requests.Count("GET", "/api/v1/namespaces/iut-media/serviceaccounts/"));
    }

    [Theory]
    [InlineData("Shop", "ImageUpdater__Namespaces: invalid namespace 'Shop'")]
    [InlineData("shop,../secrets", "ImageUpdater__Namespaces: invalid namespace '../secrets'")]
    [InlineData("shop,-media", "ImageUpdater__Namespaces: invalid namespace '-media'")]
    [InlineData(" , ", "ImageUpdater__Namespaces: no namespace in the list")]
    public async Task Plan_NoNameOfANamespace_IsRefused(string namespaces, string message)
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["ImageUpdater__Namespaces"] = namespaces;

        var plan = await world.RunAsync("plan");

        Assert.Equal(1, plan.ExitCode);
        Assert.Contains(message, plan.Errors, StringComparison.Ordinal);
    }

    /// <summary>Each namespace has an enabled Deployment of the same image.</summary>
    private static async Task<World> StartAsync(params string[] namespaces)
    {
        var world = await World.StartSandboxAsync();
        await world.PushAsync("app", "one");
        foreach (var name in namespaces)
        {
            world.Sandbox!.AddNamespace(name);
            world.Sandbox.Apply(Manifests.Deployment("app", ("app", world.Image("app"))).Enabled().In(name));
            await world.Sandbox.WaitForRolloutAsync("deployment", name, "app");
        }

        world.Sandbox!.Requests.Clear();
        return world;
    }
}
