using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Planning;
using ImageUpdater.Kubernetes.Workloads;

namespace ImageUpdater.Host.Applying;

/// <summary>Creates the intent that is stored before a patch is sent, including the patch.</summary>
internal static class Intents
{
    public static Rollout For(WorkloadSnapshot workload, WorkloadPlan change, RestartChange restart, ApplyContext context, DateTimeOffset now)
    {
        var restartedAt = RestartedAt(now, workload.RestartedAt);
        return new Rollout
        {
            Id = Identifiers.New("r"),
            Workload = workload.Key,
            Uid = workload.Uid,
            PlanId = context.PlanId,
            Actor = context.Actor,
            StartedAt = now,
            RestartedAt = restartedAt,
            LastDigest = restart.LastDigest,
            PreviousLastDigest = workload.Annotations.GetValueOrDefault(Annotations.LastDigest),
            PreviousRestartedAt = workload.RestartedAt,
            Patch = WorkloadPatch.Restart(workload, restartedAt, restart),
            ResourceVersionBefore = workload.ResourceVersion,
            Changes = [.. change.Containers.Where(container => container.Action == ContainerAction.Restart).Select(Change)],
            Baselines = [.. change.Containers.Select(container => BaselineAfter(container, workload.Uid, now)).OfType<Baseline>()],
            PullPolicies = restart.PullPolicies,
        };
    }

    /// <summary>The time to the second, as kubectl writes it. A second restart within the same second would not change the template, so it gets the next second.</summary>
    public static string RestartedAt(DateTimeOffset now, string? previous)
    {
        var text = RestartTime.Write(now);
        return text == previous ? RestartTime.Write(now.AddSeconds(1)) : text;
    }

    private static DigestChange Change(ContainerDecision container) =>
        new(container.Container, container.IsInit, container.ImageText, container.From, container.To!, container.Reason);

    // pin-previous keeps the baseline: the failed digest stays the last one that was rolled out.
    private static Baseline? BaselineAfter(ContainerDecision container, string uid, DateTimeOffset now) => container switch
    {
        { Reason: DecisionReason.PinPrevious } => null,
        { Action: ContainerAction.Restart, Image: { } image, To: { } to } =>
            new Baseline(new ContainerId(uid, container.Container), image, to, BaselineOrigin.RolledOut, now),
        _ => container.Adopt,
    };
}
