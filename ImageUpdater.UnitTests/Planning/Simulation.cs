using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Planning;

/// <summary>
/// An in-memory cluster with two workloads, a registry with a few tags and a store, over time: somebody pushes, edits, restarts or
/// loses the volume, and plans are made and applied in between. Pods run what was served when they were last rolled out.
/// </summary>
internal sealed class Simulation
{
    public static readonly string[] Tags = ["r.io/app:1", "r.io/app:2", "r.io/db:1"];

    private readonly Dictionary<string, string> served = Tags.ToDictionary(tag => tag, _ => "D1");
    private readonly Dictionary<string, int> pushes = Tags.ToDictionary(tag => tag, _ => 0);
    private readonly HashSet<string> failing = [];
    private readonly Dictionary<string, Dictionary<string, string>> running = [];
    private readonly Dictionary<(string Container, string Digest, string Image, int Push), int> restarts = [];
    private Dictionary<ContainerId, Baseline> baselines = [];
    private List<WorkloadSnapshot> workloads =
    [
        Given.Workload("one", Given.Container("a", Tags[0]), Given.Container("b", Tags[2])),
        Given.Workload("two", Given.Container("a", Tags[0])) with { Key = new("default", WorkloadKind.DaemonSet, "two") },
    ];

    private int clock;

    public Simulation() => workloads.ForEach(RollOut);

    /// <summary>The maximum number of restarts of a container for one push.</summary>
    public int MostRestartsForOnePush => restarts.Values.DefaultIfEmpty().Max();

    /// <summary>Containers whose pods do not run the served digest.</summary>
    public IEnumerable<string> Outdated =>
        from workload in workloads
        from container in workload.Containers
        where running[workload.Uid][container.Name] != served[container.ImageText]
        select $"{workload.Key.Name}/{container.Name} runs {running[workload.Uid][container.Name]} instead of {served[container.ImageText]}";

    /// <summary>Applies the effects of a plan after its rollouts have completed.</summary>
    public static PlanningInput Applied(PlanningInput input, RolloutPlan plan)
    {
        var rolledOut = new Dictionary<ContainerId, Baseline>(input.Baselines);
        var patched = input.Workloads.ToDictionary(workload => workload.Uid);
        foreach (var workload in plan.Workloads)
        {
            foreach (var decision in workload.Containers)
            {
                var id = new ContainerId(workload.Uid, decision.Container);
                if (decision.Adopt is { } adopted)
                    rolledOut[id] = adopted;
                if (decision.Action == ContainerAction.Restart)
                    rolledOut[id] = new(id, decision.Image!, decision.To!, BaselineOrigin.RolledOut, input.Now);
            }

            if (workload.Restart is { } restart)
                patched[workload.Uid] = patched[workload.Uid].With(Annotations.LastDigest, restart.LastDigest) with { RestartedAt = $"{input.Now:O}" };
        }

        return input with { Baselines = rolledOut, Workloads = [.. input.Workloads.Select(workload => patched[workload.Uid])] };
    }

    public void Do(string step)
    {
        clock++;
        var parts = step.Split(' ');
        switch (parts[0])
        {
            case "push":
                served[parts[1]] = parts[2] == "new" ? $"P{clock}" : parts[2];
                pushes[parts[1]]++;
                break;
            case "fail":
                failing.Add(parts[1]);
                break;
            case "heal":
                failing.Clear();
                break;
            case "edit":
                workloads = [.. workloads.Select(workload => workload.Key.Name == "two" ? workload with { Containers = [Given.Container("a", parts[1])] } : workload)];
                RollOut(workloads[1]);
                break;
            case "restart":
                workloads = [.. workloads.Select(workload => workload with { RestartedAt = $"by hand {clock}" })];
                workloads.ForEach(RollOut);
                break;
            case "lose":
                baselines = [];
                break;
            case "hide":
                Apply(pods: "none");
                break;
            default:
                Apply(pods: "all");
                break;
        }
    }

    private void Apply(string pods)
    {
        var checks = served.Select(tag => failing.Contains(tag.Key)
            ? Given.Failed(tag.Key, RegistryFailureKind.Unreachable, "is down")
            : Given.Served(tag.Key, tag.Value));
        var input = Given.Input(workloads, checks, [.. baselines.Values]) with { Now = Given.Now.AddMinutes(clock) };
        if (pods == "all")
            input = input with { Pods = workloads.ToDictionary(workload => workload.Uid, workload => (IReadOnlyList<PodSnapshot>)[PodOf(workload)]) };

        var plan = Planner.Plan(input).Plan;
        var after = Applied(input, plan);
        baselines = after.Baselines.ToDictionary();
        workloads = [.. after.Workloads];
        foreach (var workload in plan.Workloads.Where(workload => workload.Restart is not null))
        {
            RollOut(workloads.Single(one => one.Uid == workload.Uid));
            foreach (var decision in workload.Containers.Where(decision => decision.Action == ContainerAction.Restart))
            {
                var key = ($"{workload.Uid}/{decision.Container}", Given.Name(decision.To), decision.ImageText, pushes[decision.ImageText]);
                restarts[key] = restarts.GetValueOrDefault(key) + 1;
            }
        }
    }

    private void RollOut(WorkloadSnapshot workload) =>
        running[workload.Uid] = workload.Containers.ToDictionary(container => container.Name, container => served[container.ImageText]);

    private PodSnapshot PodOf(WorkloadSnapshot workload) => Given.Pod(workload, [.. workload.Containers.Select(container =>
        (container.Name, $"{container.ImageText[..container.ImageText.LastIndexOf(':')]}@{{{running[workload.Uid][container.Name]}}}"))]);
}
