using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Applying;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>
/// Kills the Host at random times while the API returns conflicts and errors, loses responses and delays requests. The seed is printed;
/// <c>IMAGE_UPDATER_TEST_SEED</c> sets it, <c>IMAGE_UPDATER_TEST_KILL_ROUNDS</c> sets the number of rounds.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(8);

    private static readonly (string Kind, string Name, string[] Images)[] Workloads =
    [
        ("Deployment", "web", ["web"]),
        ("Deployment", "api", ["api", "shared"]),
        ("StatefulSet", "db", ["db"]),
        ("DaemonSet", "agent", ["shared"]),
    ];

    private static readonly string[] Images = [.. Workloads.SelectMany(workload => workload.Images).Distinct()];

    [Fact]
    public async Task Run_KilledAtRandomMoments_RestartsOnceForEachDigestAndRecordsAll()
    {
        var seed = Setting("IMAGE_UPDATER_TEST_SEED", Random.Shared.Next(1_000_000));
        var rounds = Setting("IMAGE_UPDATER_TEST_KILL_ROUNDS", 8);
        output.WriteLine($"IMAGE_UPDATER_TEST_SEED={seed}, {rounds} rounds");
        var random = new Random(seed);
        await using var world = await World.StartSandboxAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(30), Seed = seed });
        var newest = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var image in Images)
            newest[image] = await world.PushAsync(image, "first");
        foreach (var (kind, name, images) in Workloads)
            await world.DeployAsync(Workload(world, kind, name, images));

        for (var round = 1; round <= rounds; round++)
        {
            world.Sandbox!.Faults.Clear();
            world.Registry!.Faults.Clear();
            AddFaults(world, random);
            foreach (var image in Images.Where(_ => random.Next(2) == 0).DefaultIfEmpty("web").ToList())
                newest[image] = await world.PushAsync(image, $"round {round}");

            await using var killed = Controller.Start(world);
            var moment = await MomentAsync(world, random);
            await killed.KillAsync();
            var open = (await StoredState.ReadAsync(world)).Rollouts.Count(rollout => rollout.State == RolloutState.Intended);
            output.WriteLine($"round {round}: killed {moment}; {SentRestart.Effective(world).Count} restarts so far, {open} intents open");
        }

        world.Sandbox!.Faults.Clear();
        world.Registry!.Faults.Clear();
        await using var last = Controller.Start(world);
        foreach (var (kind, name, images) in Workloads)
        {
            // Not by last-digest: a digest that pods pulled during a restart for another container is adopted in the store only.
            await last.UntilAsync($"{name} runs what is newest", async () =>
                await RunsAsync(world, name, images.Select(image => newest[image])) && await world.IsRolledOutAsync(kind, name));
        }

        await last.UntilAsync("no rollout is open", async () => (await StoredState.ReadAsync(world)).Rollouts.All(rollout => rollout.EndedAt is not null));
        await last.CyclesAsync();
        Assert.Equal(0, await last.StopAsync());

        await (await StoredState.ReadAsync(world)).AgreeWithAsync(world, $"seed {seed}");
        foreach (var (_, name, images) in Workloads)
            Assert.True(await RunsAsync(world, name, images.Select(image => newest[image])), $"{name} does not run what is newest, seed {seed}");
    }

    private static async Task<bool> RunsAsync(World world, string name, IEnumerable<string> digests) =>
        (await world.RunningAsync(name)).Select(imageId => imageId[(imageId.LastIndexOf('@') + 1)..]).ToHashSet(StringComparer.Ordinal).SetEquals(digests);

    private static JsonObject Workload(World world, string kind, string name, string[] images)
    {
        var containers = images.Select(image => (image, world.Image(image)));
        return (kind switch
        {
            "Deployment" => Manifests.Deployment(name, containers),
            "StatefulSet" => Manifests.StatefulSet(name, containers),
            _ => Manifests.DaemonSet(name, containers),
        }).Enabled();
    }

    // Only the first matching fault applies to a request. Each round has several faults, each for some of the requests.
    private static void AddFaults(World world, Random random)
    {
        var patch = new ClusterFault { Method = "PATCH" };
        ClusterFault[] patches =
        [
            patch with { Conflict = true, Times = 2, Percent = 60 },
            patch with { Status = 500, Times = 2, Percent = 40 },
            patch with { Status = 503, RetryAfter = "1", Times = 1, Percent = 40 },
            patch with { CutBefore = true, Times = 1, Percent = 60 },
            patch with { CutAfter = true, Times = 2, Percent = 60 },
            patch with { Delay = TimeSpan.FromMilliseconds(random.Next(100, 900)), OutlivesClient = true, Percent = 60 },
            patch with { Delay = TimeSpan.FromMilliseconds(random.Next(100, 900)), OutlivesClient = true, CutAfter = true, Percent = 30 },
        ];
        random.Shuffle(patches);
        foreach (var fault in patches.Take(random.Next(5)))
            world.Sandbox!.Faults.Add(fault);
        if (random.Next(3) == 0)
            world.Sandbox!.Faults.Add(new ClusterFault { Method = "GET", PathPrefix = "/apis/apps/", Status = 500, Percent = 15 });
        if (random.Next(4) == 0)
            world.Registry!.Faults.Add(new RegistryFault { Status = 500, Percent = 25 });
    }

    /// <summary>Waits for the time to kill: some time after the start, after the first observation, or after a patch.</summary>
    private static async Task<string> MomentAsync(World world, Random random)
    {
        var (heads, sent) = (world.Registry!.Requests.Count("HEAD"), SentRestart.All(world).Count);
        switch (random.Next(4))
        {
            case 0:
                return await AfterAsync("after its start", () => true, random.Next(1500));
            case 1:
                return await AfterAsync("after the observation began", () => world.Registry.Requests.Count("HEAD") > heads, random.Next(900));
            default:
                return await AfterAsync("after a patch", () => SentRestart.All(world).Count > sent, random.Next(400));
        }
    }

    private static async Task<string> AfterAsync(string what, Func<bool> holds, int milliseconds)
    {
        // A fault can prevent the event; then the Host is killed now.
        var watch = Stopwatch.StartNew();
        while (!holds() && watch.Elapsed < Bound)
            await Task.Delay(3);
        await Task.Delay(milliseconds);
        return $"{milliseconds} ms {what}{(holds() ? "" : ", in vain")}";
    }

    private static int Setting(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : fallback;
}
