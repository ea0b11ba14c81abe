using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Tracking;

/// <summary>Why a rollout makes no progress, from the errors of its pods: its status only counts them.</summary>
public static class RolloutCause
{
    /// <returns>One message; null if the pods say nothing.</returns>
    public static string? Of(WorkloadSnapshot workload, IReadOnlyList<PodSnapshot> pods)
    {
        var mine = pods.Where(pod => !pod.Terminating && RunningDigests.OwnerOf(pod) == RunningDigests.OwnerOf(workload))
            .OrderBy(pod => pod.Name, StringComparer.Ordinal).ToList();
        var current = RunningDigests.CurrentPods(workload, mine);
        var stuck = Stuck(workload, mine, current);
        // A pod of an earlier revision is to blame only where it keeps Kubernetes from replacing it.
        var pod = current.FirstOrDefault(pod => pod.Trouble is not null) ?? (stuck?.Trouble is null ? null : stuck);
        var cause = pod is null ? workload.Status.ReplicaFailure : Describe(pod);
        var advice = stuck is null ? null : Advice(workload, stuck, isCurrent: current.Contains(stuck));
        return cause is null || advice is null ? cause ?? advice : $"{cause}; {advice}";
    }

    private static string Describe(PodSnapshot pod)
    {
        var trouble = pod.Trouble!;
        var where = trouble.Container is null ? $"pod {pod.Name}" : $"container {trouble.Container} of pod {pod.Name}";
        var exit = trouble.ExitCode is { } code ? $", exit code {code}" : "";
        var restarts = trouble.Restarts == 0 ? "" : trouble.Restarts == 1 ? ", 1 restart" : $", {trouble.Restarts} restarts";
        return $"{trouble.Reason}{(trouble.Message is null ? "" : $": {trouble.Message}")} ({where}{exit}{restarts})";
    }

    // kubernetes#67250: with podManagementPolicy OrderedReady, the controller waits for each pod to be ready before it replaces any.
    private static PodSnapshot? Stuck(WorkloadSnapshot workload, IReadOnlyList<PodSnapshot> mine, IReadOnlyList<PodSnapshot> current) =>
        workload is not { Key.Kind: WorkloadKind.StatefulSet, Parallel: false, Status.OnDelete: false }
            ? null
            : mine.FirstOrDefault(pod => !pod.Ready && !current.Contains(pod)) ?? current.FirstOrDefault(pod => !pod.Ready && pod.Trouble is not null);

    private static string Advice(WorkloadSnapshot workload, PodSnapshot pod, bool isCurrent)
    {
        var delete = $"kubectl delete pod {pod.Name} --namespace {workload.Key.Namespace}";
        return isCurrent
            ? $"a StatefulSet does not replace its broken pod at the next rollout; once that has started, run {delete}"
            : $"pod {pod.Name} of an earlier revision is not ready, and a StatefulSet does not replace such a pod: run {delete}";
    }
}
