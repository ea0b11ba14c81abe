using System.Collections.Frozen;
using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Planning;

/// <summary>Runs the planner and resolves its missing inputs. In a cycle without changes there are none, and neither pods nor manifests are read.</summary>
/// <param name="informers">Null for a command, which plans when it is run; a long gap between two plans of the controller is a time in which it did not run.</param>
internal sealed class PlanBuilder(ClusterClient kubernetes, ManifestReader manifests, IPlanningState store, PlanningOptions options, RestartOptions restarts, TimeProvider time, Informers? informers = null)
{
    /// <summary>The warning of every plan under <c>ObserveOnly</c>.</summary>
    private const string ObserveOnly = "observe only: nothing is applied; set ObserveOnly to false (chart: observeOnly) to restart workloads";

    // Pods can reveal baselines, whose manifests are then needed, for a restart that is due then the observations, and for those that are left whose turn it
    // is: at most five rounds are useful.
    private const int MaxRounds = 6;
    private const int MaxNamed = 3;

    private static readonly Dictionary<string, IReadOnlyList<PodSnapshot>> NoPods = [];
    private static readonly Dictionary<string, IReadOnlyList<RevisionSnapshot>> NoRevisions = [];

    private readonly PodLists podLists = new(kubernetes);
    private readonly RevisionLists revisionLists = new(kubernetes);

    public PlanningInput Input(PlanRequest request, ClusterView cluster, ImageObservations observed, StateSnapshot state) => new()
    {
        Now = time.GetUtcNow(),
        Scope = cluster.Scope,
        Workloads = cluster.Workloads,
        Checks = observed.Checks,
        Baselines = state.Baselines,
        PullPoliciesSet = state.PullPoliciesSet,
        NodePlatforms = cluster.NodePlatforms,
        ServedSince = observed.ServedSince,
        Images = observed.Outlook,
        Running = Running(state.OpenRollouts),
        Quarantined = state.Quarantine,
        LastDecisions = state.Decisions,
        Paces = state.Paces,
        LongestGap = informers is null ? TimeSpan.MaxValue : 2 * RolloutPace.SavedEvery,
        Approved = request.Approved,
        Options = options,
        Warnings = [.. cluster.Warnings, .. observed.Warnings, .. LoopbackRegistries.Warnings(observed.Checks.Values, kubernetes.Connection.IsInPod), .. restarts.ObserveOnly ? [ObserveOnly] : (string[])[]],
        NotEnabled = cluster.NotEnabled,
    };

    /// <summary>Rollouts that have not ended, by workload uid.</summary>
    public static IReadOnlyDictionary<string, Rollout> Running(IReadOnlyList<Rollout> open) =>
        open.GroupBy(rollout => rollout.Uid, StringComparer.Ordinal)
            .ToDictionary(rollouts => rollouts.Key, rollouts => rollouts.Last(), StringComparer.Ordinal);

    /// <param name="refresh">Which registries may be queried for manifests that are not in the store.</param>
    /// <returns>The plan and its complete input.</returns>
    public async Task<(RolloutPlan Plan, PlanningInput Input)> PlanAsync(PlanningInput input, Refresh refresh, CancellationToken cancellationToken)
    {
        var outcome = Planner.Plan(input);
        for (var round = 0; outcome.MissingInputs.Any && round < MaxRounds; round++)
        {
            input = await AnswerAsync(input, outcome.MissingInputs, refresh, cancellationToken);
            outcome = Planner.Plan(input);
        }

        return (outcome.Plan, input);
    }

    /// <summary>Plans one workload again from its current state; null if it is no longer enabled.</summary>
    public async Task<WorkloadPlan?> ReplanAsync(PlanningInput input, WorkloadSnapshot now, CancellationToken cancellationToken)
    {
        // Baselines change when an earlier patch turns out to have arrived, and a rollout may have failed since. What has not changed is not read again.
        var state = await store.LoadAsync(cancellationToken);
        var again = input with
        {
            Now = time.GetUtcNow(),
            Workloads = [now],
            Baselines = state.Baselines,
            PullPoliciesSet = state.PullPoliciesSet,
            Quarantined = state.Quarantine,
            Pods = NoPods,
            Revisions = NoRevisions,
            UnreadPods = FrozenSet<string>.Empty,
        };
        var (plan, _) = await PlanAsync(again, Refresh.Due, cancellationToken);
        return plan.Workloads.SingleOrDefault();
    }

    private async Task<PlanningInput> AnswerAsync(PlanningInput input, MissingInputs needs, Refresh refresh, CancellationToken cancellationToken)
    {
        var read = await podLists.ReadAsync(input.Workloads.Where(workload => needs.PodsOfWorkloads.Contains(workload.Uid)), cancellationToken);
        var revisions = await revisionLists.ReadAsync(input.Workloads.Where(workload => needs.RevisionsOfWorkloads.Contains(workload.Uid)), cancellationToken);
        var known = new Dictionary<Digest, Result<Manifest, RegistryFailure>>(input.Manifests);
        foreach (var (digest, manifest) in await manifests.ReadAsync(needs.Manifests, input.Workloads, mayAsk: refresh != Refresh.None, cancellationToken))
            known[digest] = manifest;
        var served = new Dictionary<ObservedImage, Result<Manifest, RegistryFailure>>(input.Served);
        foreach (var (image, manifest) in await manifests.ReadServedAsync(needs.Served, input.Workloads, refresh, cancellationToken))
            served[image] = manifest;

        return input with
        {
            Pods = new Dictionary<string, IReadOnlyList<PodSnapshot>>(input.Pods.Concat(read.ByUid), StringComparer.Ordinal),
            UnreadPods = input.UnreadPods.Concat(read.Unlisted.Where(pods => pods.Failure.Kind != KubernetesFailureKind.Forbidden).Select(pods => pods.Workload.Uid)).ToFrozenSet(StringComparer.Ordinal),
            Revisions = new Dictionary<string, IReadOnlyList<RevisionSnapshot>>(input.Revisions.Concat(revisions.ByUid), StringComparer.Ordinal),
            Manifests = known,
            Served = served,
            Observations = needs.Observations.Count == 0 ? input.Observations : await ObservationsAsync(input, needs.Observations, cancellationToken),
            VerifiedIn = needs.Verified.Count == 0 ? input.VerifiedIn : input.VerifiedIn.Concat(await store.VerifiedInAsync(needs.Verified, cancellationToken)).ToDictionary(),
            LastServed = needs.LastServed ? await store.LastServedAsync(input.Now, cancellationToken) : input.LastServed,
            LastRestarts = needs.LastRestarts ? await store.LastRestartsAsync(cancellationToken) : input.LastRestarts,
            Warnings =
            [
                .. input.Warnings
                    .Concat(Warnings(read.Unlisted.Select(pods => (pods.Workload.Key, pods.Failure.Message)), workloads => $"cannot list pods of {workloads}"))
                    .Concat(Warnings(revisions.Unlisted, workloads => $"cannot list the revisions of {workloads}, so a digest that was undone with kubectl rollout undo may be rolled out again"))
                    .Order(StringComparer.Ordinal),
            ],
        };
    }

    private async Task<IReadOnlyDictionary<ObservedImage, IReadOnlyList<Observation>>> ObservationsAsync(
        PlanningInput input, IReadOnlySet<ObservedImage> needed, CancellationToken cancellationToken)
    {
        var stored = await store.ObservationsAsync(needed, Flap.MostObservations, cancellationToken);
        return input.Observations.Concat(needed.Select(image => KeyValuePair.Create(image, stored.GetValueOrDefault(image, [])))).ToDictionary();
    }

    // Without the permission, each of a thousand workloads would have the same message.
    private static IEnumerable<string> Warnings(IEnumerable<(WorkloadKey Workload, string Message)> unlisted, Func<string, string> what)
    {
        foreach (var reason in unlisted.GroupBy(pods => pods.Message, pods => pods.Workload, StringComparer.Ordinal))
        {
            var workloads = reason.Order().ToList();
            var more = workloads.Count > MaxNamed ? $" and {workloads.Count - MaxNamed} more" : "";
            yield return $"{what(string.Join(", ", workloads.Take(MaxNamed)) + more)}: {reason.Key}";
        }
    }
}
