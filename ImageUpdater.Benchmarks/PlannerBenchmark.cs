using System.Diagnostics;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Benchmarks;

/// <summary>The planner over 10,000 workloads with 30,000 containers: aim under 100 ms and at most 40 MB allocated.</summary>
internal static class PlannerBenchmark
{
    private const int Workloads = 10_000;
    private const int ContainersEach = 3;
    private const int Images = 1_000;
    private const int Runs = 9;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Run()
    {
        var quiet = Input(changedOneIn: 0);
        var busy = Input(changedOneIn: 10);
        Console.WriteLine($"planner, {Workloads} workloads, {Workloads * ContainersEach} containers, median of {Runs} after a warm-up");
        Report("  nothing changed", quiet);
        Report("  a tenth of the images changed", busy);
        Report("  the same, every policy on", WithPolicies(busy));
    }

    private static void Report(string name, PlanningInput input)
    {
        var outcome = Planner.Plan(input);
        var times = new double[Runs];
        var allocated = 0L;
        for (var run = 0; run < Runs; run++)
        {
            GC.Collect();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            outcome = Planner.Plan(input);
            times[run] = clock.Elapsed.TotalMilliseconds;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Array.Sort(times);
        Console.WriteLine($"{name}: {times[Runs / 2]:0.0} ms (min {times[0]:0.0}, max {times[^1]:0.0}), {allocated / 1e6:0.0} MB allocated, {outcome.Plan.Counts.Restart} restarts");
    }

    private static PlanningInput Input(int changedOneIn)
    {
        var images = Enumerable.Range(0, Images).Select(i => ImageReference.Parse($"registry.example.com/team-{i % 17}/app-{i}:stable").Value!).ToList();
        var checks = images.Select((image, i) => (ImageCheck)new ServedCheck(image, Start, DigestOf(i, changedOneIn > 0 && i % changedOneIn == 0 ? 2 : 1), "application/vnd.oci.image.manifest.v1+json"))
            .ToDictionary(check => check.Observed);
        var workloads = new List<WorkloadSnapshot>(Workloads);
        var baselines = new Dictionary<ContainerId, Baseline>();
        for (var w = 0; w < Workloads; w++)
        {
            var containers = new List<ContainerSpec>();
            for (var c = 0; c < ContainersEach; c++)
            {
                var index = ((w * ContainersEach) + c) % Images;
                containers.Add(new ContainerSpec($"c{c}", images[index].ToString(), images[index], "Always"));
                var id = new ContainerId($"uid-{w}", $"c{c}");
                baselines[id] = new Baseline(id, images[index], DigestOf(index, 1), BaselineOrigin.RolledOut, Start);
            }

            workloads.Add(new WorkloadSnapshot
            {
                Key = new WorkloadKey($"team-{w % 50}", WorkloadKind.Deployment, $"app-{w}"),
                Uid = $"uid-{w}",
                ResourceVersion = "1",
                Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Annotations.Enabled] = "true" },
                Containers = containers,
                Status = new RolloutStatus { Generation = 1, ObservedGeneration = 1 },
            });
        }

        return new PlanningInput
        {
            Now = Start,
            Workloads = workloads,
            Checks = checks,
            Baselines = baselines,
            NodePlatforms = [new Platform("linux", "amd64")],
            Pods = workloads.ToDictionary(workload => workload.Uid, _ => (IReadOnlyList<PodSnapshot>)[], StringComparer.Ordinal),
            Manifests = Enumerable.Range(0, Images).Select(i => DigestOf(i, 1)).ToDictionary(digest => digest, Single),
            Served = checks.Values.OfType<ServedCheck>().ToDictionary(check => (ObservedImage)check.Image.AtDigest(check.Digest), check => Single(check.Digest)),
        };

        static Core.Result<Manifest, RegistryFailure> Single(Digest digest) => new Manifest(digest, "application/vnd.oci.image.manifest.v1+json", Config: null, Children: null);
    }

    // Each workload with all annotations of its own, a few texts of each kind, as people write them.
    private static PlanningInput WithPolicies(PlanningInput input) => input with
    {
        Workloads = [.. input.Workloads.Select((workload, w) => workload with
        {
            RestartedAt = "2025-12-31T23:00:00Z",
            Annotations = new Dictionary<string, string>(workload.Annotations, StringComparer.Ordinal)
            {
                [Annotations.Window] = w % 2 == 0 ? "Mon-Fri 22:00-04:00 Europe/Berlin; Sat,Sun 00:00-24:00" : "daily 00:00-23:00 America/New_York",
                [Annotations.Cooldown] = w % 3 == 0 ? "30m" : "12h",
                [Annotations.MinAge] = "1h",
                [Annotations.Approval] = "required",
                [Annotations.ApprovedDigest] = DigestOf(0, 2).Value,
                [Annotations.OnFailure] = "pin-previous",
            },
        })],
        ServedSince = input.Checks.Keys.ToDictionary(image => image, _ => Start.AddMinutes(-30)),
        LastRestarts = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal),
        Quarantined = [.. Enumerable.Range(0, 100).Select(i => new QuarantinedDigest(
            new ContainerId($"uid-{i * 7}", "c0"), input.Workloads[i * 7].Key, input.Workloads[i * 7].Containers[0].Image.Value!, DigestOf(i * 21 % Images, 2), Previous: null,
            $"r-{i}", "2025-12-31T22:00:00Z", Start, "it failed"))],
    };

    private static Digest DigestOf(int image, int version) => Digest.Parse($"sha256:{image:x32}{version:x32}");
}
