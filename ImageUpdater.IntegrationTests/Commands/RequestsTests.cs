using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed class RequestsTests
{
    private const int Images = 12;
    private const int AtOnce = 3;

    [Fact]
    public async Task Plan_SharedImages_AreAskedForOnceAndWithinTheBound()
    {
        await using var world = await World.StartSandboxAsync();
        world.HostEnvironment["ImageUpdater__Registries__0__MaxConcurrency"] = $"{AtOnce}";
        for (var i = 0; i < Images; i++)
            await world.PushAsync($"app-{i}", $"content {i}");
        for (var i = 0; i < 3 * Images; i++)
        {
            // The same image three times: with its full name, without the default tag, and twice in one workload.
            var image = world.Image($"app-{i % Images}");
            var name = (i / Images) switch { 0 => image, 1 => image[..^":latest".Length], _ => image };
            var more = i / Images == 2 ? ((string, string)[])[("web", name), ("side", image)] : [("web", name)];
            world.Sandbox!.Apply(Manifests.Deployment($"web-{i}", more).Enabled().In(world.Namespace));
        }

        await world.Sandbox!.WaitUntilSettledAsync();
        var registry = world.Registry!;
        registry.Faults.Add(new RegistryFault { Delay = TimeSpan.FromMilliseconds(20) });

        var first = await world.PlanAsync();
        Assert.Contains($"{4 * Images} adopted", first.Output);
        AssertOneRequestEach(registry, world);
        Assert.InRange(registry.Requests.MostAtOnce, 2, AtOnce);

        var rows = StoreRows.Of(world.State);
        registry.Requests.Clear();
        world.Sandbox.Requests.Clear();
        var second = await world.PlanAsync();
        Assert.Contains("Nothing to do.", second.Output);
        AssertOneRequestEach(registry, world);

        // A cycle without changes reads no pods or secrets, and stores only the plan.
        Assert.Equal(4, world.Sandbox.Requests.All.Count(request => !request.Path.Contains("/serviceaccounts/", StringComparison.Ordinal)));
        var after = StoreRows.Of(world.State);
        Assert.Equal(rows["plans"] + 1, after["plans"]);
        Assert.Equal(rows.Where(table => table.Key != "plans"), after.Where(table => table.Key != "plans"));
    }

    private static void AssertOneRequestEach(SandboxRegistry registry, World world)
    {
        var expected = Enumerable.Range(0, Images).Select(i => $"HEAD /v2/{world.Namespace}/app-{i}/manifests/latest").Order(StringComparer.Ordinal);
        Assert.Equal(expected, registry.Requests.All.Select(request => $"{request.Method} {request.Path}").Order(StringComparer.Ordinal));
    }
}
