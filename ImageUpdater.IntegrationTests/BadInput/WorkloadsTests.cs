using System.Globalization;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>All kinds of invalid input in one cluster: each has its message, and the valid workloads are processed in the same plan.</summary>
public sealed class WorkloadsTests
{
    private const string Huge = "last-digest is 200000 characters long and is ignored";

    [Fact]
    public async Task Apply_BadRegistriesBesideAGoodOne_ReportsEachAndServesTheOthers()
    {
        await using var world = await World.StartSandboxAsync();
        await using var locked = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Basic });
        await using var limited = await SandboxRegistry.StartAsync();
        await using var broken = await SandboxRegistry.StartAsync();
        await using var strange = await SandboxRegistry.StartAsync();
        await using var slow = await SandboxRegistry.StartAsync();
        Configure(world, ("127.0.0.1:1", null), (locked.Address, null), (limited.Address, null), (broken.Address, null), (strange.Address, null), (slow.Address, "00:00:01"));
        strange.PushImage("fifty", "latest", "x");
        slow.PushImage("slow", "latest", "x");
        strange.PushImage("page", "latest", "x");
        limited.Faults.Add(new RegistryFault { Status = 429, RetryAfter = "3600" });
        strange.Faults.Add(new RegistryFault { Repository = "fifty", OmitDigest = true, PadTo = 50 * 1024 * 1024 });
        slow.Faults.Add(new RegistryFault { Repository = "slow", OmitDigest = true, PausePerByte = TimeSpan.FromMilliseconds(50) });
        strange.Faults.Add(new RegistryFault { Repository = "page", OmitDigest = true, Body = "<html>Sign in</html>" });
        var before = await world.PushAsync("good", "one");
        var beforeBroken = broken.PushImage("app", "latest", "one");
        Deploy(world, "good", ("web", world.Image("good")));
        Deploy(world, "half", ("web", world.Image("good")), ("sick", broken.Reference("app")));
        Deploy(world, "unreachable", ("web", "127.0.0.1:1/app"));
        Deploy(world, "locked", ("web", locked.Reference("app")));
        Deploy(world, "missing", ("web", world.Image("never-pushed")));
        Deploy(world, "limited", ("web", limited.Reference("app")));
        Deploy(world, "fifty", ("web", strange.Reference("fifty")));
        Deploy(world, "slow", ("web", slow.Reference("slow")));
        Deploy(world, "page", ("web", strange.Reference("page")));
        await world.Sandbox!.WaitUntilSettledAsync();

        var plan = await world.PlanAsync();
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Tells(plan, world, "unreachable web", "127.0.0.1:1 could not be reached for app:latest: Connection refused");
        Tells(plan, world, "locked web", $"{locked.Address} answered 401 Unauthorized for app:latest; tried: anonymous");
        Tells(plan, world, "missing web", $"{world.RegistryAddress} answered 404 Not Found for {world.Namespace}/never-pushed:latest");
        Tells(plan, world, "limited web", $"{limited.Address} answered 429 Too Many Requests for app:latest; backing off until ");
        Tells(plan, world, "fifty web", $"{strange.Address} sent more than 4 MiB for fifty:latest");
        Tells(plan, world, "slow web", $"{slow.Address} timed out after 1 s for slow:latest");
        Tells(plan, world, "page web", $"{strange.Address} sent a manifest that is not valid JSON for page:latest");
        Assert.Contains(": 0 to restart, 3 adopted, 0 held, 7 skipped, 2 unchanged.", plan.Output);

        // If one container can't be decided, the other one is processed, and the state of the first does not change.
        var after = await world.PushAsync("good", "two");
        broken.PushImage("app", "latest", "two");
        using (broken.Faults.Add(new RegistryFault { Status = 500 }))
        {
            var apply = await world.ApplyAsync("--wait=false");
            Assert.True(apply.ExitCode == 0, apply.ToString());
            Tells(apply, world, "half sick", $"{broken.Address} answered 500 Internal Server Error for app:latest");
        }

        Assert.NotEqual(before, after);
        Assert.Equal($"web:{after}", await world.AnnotationAsync("Deployment", "good", "last-digest"));
        Assert.Equal($"sick:{beforeBroken},web:{after}", await world.AnnotationAsync("Deployment", "half", "last-digest"));
        foreach (var name in (string[])["unreachable", "locked", "missing", "limited", "fifty", "slow", "page"])
            Assert.Null(await world.RestartedAtAsync("Deployment", name));

        // Each is logged once, not in every cycle.
        var history = await InProcess.RunAsync("--state", world.State, "history", "--limit", "1000");
        Assert.Single(Lines(history), line => line.Contains("/locked ", StringComparison.Ordinal));
        Assert.Matches($"{world.Namespace}/deployment/half +[^ ].* decision changed: sick skipped: {broken.Address} answered 500 Internal Server Error", history.Output);
        var report = await InProcess.RunAsync("--state", world.State, "report", "--format", "json");
        Assert.Contains($"{locked.Address} answered 401 Unauthorized", report.Output);
    }

    [Fact]
    public async Task Apply_BadWorkloadsBesideAGoodOne_ReportsEachAndServesTheOthers()
    {
        await using var world = await World.StartSandboxAsync();
        var before = await world.PushAsync("app", "one");
        var after = await world.PushAsync("app", "two");
        var image = world.Image("app");
        Deploy(world, "good", [("web", image)], ("last-digest", $"web:{before}"));
        Deploy(world, "unparsable", [("bad", "Upper/Case:x"), ("web", image)], ("last-digest", $"web:{before}"));
        Deploy(world, "obeyed", [("bad", "x\e]0;title\a\r\ny"), ("web", image)], ("last-digest", $"web:{before}"));
        Deploy(world, "long", [("bad", new string('x', 100_000)), ("web", image)], ("last-digest", $"web:{before}"));
        Deploy(world, "tracks", [("web", image), ("other", image)], ("track-containers", "ghost,web,\e[31mred"), ("last-digest", before));
        Deploy(world, "tracks-none", [("web", image)], ("track-containers", "ghost"), ("last-digest", $"web:{before}"));
        Deploy(world, "ignores", [("web", image)], ("ignore-containers", "spirit"), ("last-digest", $"web:{before}"));
        Deploy(world, "ghosts", [("web", image)], ("ignore-containers", string.Join(',', Enumerable.Range(0, 5000))), ("last-digest", $"web:{before}"));
        Deploy(world, "rubbish", [("web", image)], ("last-digest", $"!\e[2J!,web:sha256:zz,,web:{before},web:{after}"));
        Deploy(world, "huge", [("web", image)], ("last-digest", new string('9', 200_000)));
        await world.Sandbox!.WaitUntilSettledAsync();

        await world.UntilObservedAsync();

        // The images of these pods can't be pulled, so no rollout would end and free its slot.
        world.HostEnvironment["ImageUpdater__MaxRollouts"] = "20";
        world.HostEnvironment["ImageUpdater__MaxRolloutsPerNamespace"] = "20";
        var apply = await world.ApplyAsync("--wait=false");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.DoesNotContain(apply.Output, character => char.IsControl(character) && character != '\n');
        Tells(apply, world, "unparsable bad", "'Upper/Case:x' is not a valid image reference");
        Tells(apply, world, "obeyed bad", "'x ]0;title   y' is not a valid image reference");
        Tells(apply, world, "long bad", "the image is 100000 characters long");
        Tells(apply, world, "tracks", "track-containers names 'ghost', which is not a container of the pod template", mark: '!');
        Tells(apply, world, "tracks", "track-containers names ' [31mred', which is not a container of the pod template", mark: '!');
        Tells(apply, world, "tracks-none", "track-containers names 'ghost', which is not a container of the pod template", mark: '!');
        Tells(apply, world, "ignores", "ignore-containers names 'spirit', which is not a container of the pod template", mark: '!');
        Tells(apply, world, "ghosts", "ignore-containers names 4995 more that are not containers of the pod template", mark: '!');
        Tells(apply, world, "rubbish", "invalid last-digest entry '! [2J!'", mark: '!');
        Tells(apply, world, "rubbish", "last-digest names container 'web' twice; the first entry is used", mark: '!');
        Tells(apply, world, "huge", Huge, mark: '!');

        // Workloads with a valid container are restarted, and get a valid annotation.
        foreach (var name in (string[])["good", "unparsable", "obeyed", "long", "tracks", "ignores", "ghosts", "rubbish"])
        {
            Assert.NotNull(await world.RestartedAtAsync("Deployment", name));
            Assert.Equal($"web:{after}", await world.AnnotationAsync("Deployment", name, "last-digest"));
        }

        Assert.Null(await world.RestartedAtAsync("Deployment", "huge"));
        Assert.Null(await world.RestartedAtAsync("Deployment", "tracks-none"));
    }

    private static void Deploy(World world, string name, params (string Name, string Image)[] containers) => Deploy(world, name, containers, []);

    // Without pods: pods of images that do not exist would never be ready, and running pods would be used for adoption.
    private static void Deploy(World world, string name, (string Name, string Image)[] containers, params (string Key, string Value)[] annotations) =>
        world.Sandbox!.Apply(Manifests.Deployment(name, containers).Enabled(annotations).Replicas(0).In(world.Namespace));

    private static void Tells(HostResult result, World world, string what, string message, char mark = 'x')
    {
        var start = $"  {mark} {world.Namespace}/deployment/{what}: {message}";
        Assert.Single(Lines(result), line => line.StartsWith(start, StringComparison.Ordinal));
    }

    private static string[] Lines(HostResult result) => result.Output.Split('\n');

    private static void Configure(World world, params (string Host, string? Timeout)[] registries)
    {
        for (var i = 0; i < registries.Length; i++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"ImageUpdater__Registries__{i + 1}__");
            world.HostEnvironment[prefix + "Host"] = registries[i].Host;
            world.HostEnvironment[prefix + "PlainHttp"] = "true";
            if (registries[i].Timeout is { } timeout)
                world.HostEnvironment[prefix + "Timeout"] = timeout;
        }
    }
}
