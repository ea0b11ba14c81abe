using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.Kubernetes;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Planning;

/// <summary>Gets the planner what it asks for. In a cycle without change it asks for nothing, and neither pods nor manifests are read.</summary>
internal sealed class PlanBuilder(ClusterClient kubernetes, ManifestReader manifests, IPlanningState store, PlanningOptions options, TimeProvider time)
{
    // Baselines can come to light with the pods, and those ask for manifests: three rounds are the most that can be of use.
    private const int MaxRounds = 4;
    private const int MaxNamed = 3;

    private static readonly Dictionary<string, IReadOnlyList<PodSnapshot>> NoPods = [];

    private readonly PodLists podLists = new(kubernetes);

    public PlanningInput Input(PlanRequest request, ClusterView cluster, ImageObservations observed, StateSnapshot state) => new()
    {
        Now = time.GetUtcNow(),
        Scope = cluster.Scope,
        Workloads = cluster.Workloads,
        Checks = observed.Checks,
        Baselines = state.Baselines,
        NodePlatforms = cluster.NodePlatforms,
        ServedSince = observed.ServedSince,
        Images = observed.Outlook,
        Running = Running(state.OpenRollouts),
        Quarantined = state.Quarantine,
        LastDecisions = state.Decisions,
        Approved = request.Approved,
        Options = options,
        Warnings = [.. cluster.Warnings, .. observed.Warnings],
    };

    /// <summary>Rollouts whose end is not known, by workload uid.</summary>
    public static IReadOnlyDictionary<string, Rollout> Running(IReadOnlyList<Rollout> open) =>
        open.GroupBy(rollout => rollout.Uid, StringComparer.Ordinal)
            .ToDictionary(rollouts => rollouts.Key, rollouts => rollouts.Last(), StringComparer.Ordinal);

    /// <param name="mayAsk">Whether registries may be asked for manifests that the store does not have.</param>
    /// <returns>The plan, and all that it was made from in the end.</returns>
    public async Task<(RolloutPlan Plan, PlanningInput Input)> PlanAsync(PlanningInput input, bool mayAsk, CancellationToken cancellationToken)
    {
        var outcome = Planner.Plan(input);
        for (var round = 0; outcome.Needs.Any && round < MaxRounds; round++)
        {
            input = await AnswerAsync(input, outcome.Needs, mayAsk, cancellationToken);
            outcome = Planner.Plan(input);
        }

        return (outcome.Plan, input);
    }

    /// <summary>The decision about one workload as it is now; null when it is not enabled any more.</summary>
    public async Task<WorkloadPlan?> ReplanAsync(PlanningInput input, WorkloadSnapshot now, CancellationToken cancellationToken)
    {
        // A patch that was found to have arrived after all has moved its baselines.
        var baselines = (await store.LoadAsync(cancellationToken)).Baselines;
        var (plan, _) = await PlanAsync(input with { Now = time.GetUtcNow(), Workloads = [now], Baselines = baselines, Pods = NoPods }, mayAsk: true, cancellationToken);
        return plan.Workloads.SingleOrDefault();
    }

    private async Task<PlanningInput> AnswerAsync(PlanningInput input, MissingInputs needs, bool mayAsk, CancellationToken cancellationToken)
    {
        var read = await podLists.ReadAsync(input.Workloads.Where(workload => needs.PodsOfWorkloads.Contains(workload.Uid)), cancellationToken);
        var known = new Dictionary<Digest, Result<Manifest, RegistryFailure>>(input.Manifests);
        foreach (var (digest, manifest) in await manifests.ReadAsync(needs.Manifests, input.Workloads, mayAsk, cancellationToken))
            known[digest] = manifest;

        return input with
        {
            Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>>(input.Pods.Concat(read.ByUid), StringComparer.Ordinal),
            Manifests = known,
            LastRestarts = needs.LastRestarts ? await store.LastRestartsAsync(cancellationToken) : input.LastRestarts,
            Warnings = [.. input.Warnings.Concat(Warnings(read.Unlisted)).Order(StringComparer.Ordinal)],
        };
    }

    // Without the right to list pods, each of a thousand workloads would bring the same message.
    private static IEnumerable<string> Warnings(IEnumerable<(WorkloadKey Workload, string Message)> unlisted)
    {
        foreach (var reason in unlisted.GroupBy(pods => pods.Message, pods => pods.Workload, StringComparer.Ordinal))
        {
            var workloads = reason.Order().ToList();
            var more = workloads.Count > MaxNamed ? $" and {workloads.Count - MaxNamed} more" : "";
            yield return $"pods of {string.Join(", ", workloads.Take(MaxNamed))}{more} could not be listed: {reason.Key}";
        }
    }
}
