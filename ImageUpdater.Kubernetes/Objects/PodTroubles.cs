using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Objects;

/// <summary>What keeps a pod from being ready: the first of its containers, in the order of its spec, that failed; then what only waits.</summary>
/// <remarks>
/// | the container, init containers first                 | reason                          | message                                   |
/// |------------------------------------------------------|---------------------------------|-------------------------------------------|
/// | waits, and has run before (<c>CrashLoopBackOff</c>)  | that of the waiting             | what its last run left, or why it ended   |
/// | waits for something else than its creation           | that of the waiting             | that of the waiting                       |
/// | ended with an exit code                              | that of its end                 | what it left                              |
/// | runs again after it ended, and is not ready          | that of its end                 | what it left                              |
/// | (none of these, and the pod has no node)             | <c>Unschedulable</c>            | the scheduler's                           |
/// | runs for the first time, and is not ready            | <c>NotReady</c>                 |                                           |
/// | is being created                                     | <c>ContainerCreating</c>        | the kubelet's                             |
/// </remarks>
internal static class PodTroubles
{
    private const int MaxReasonLength = 80;

    public static PodTrouble? First(V1Pod pod)
    {
        var inits = InOrder(pod.Spec?.InitContainers, pod.Status?.InitContainerStatuses);
        var mains = InOrder(pod.Spec?.Containers, pod.Status?.ContainerStatuses);
        return inits.Concat(mains).Select(Failed).FirstOrDefault(trouble => trouble is not null)
            ?? Unscheduled(pod.Status)
            ?? mains.Select(NotReady).FirstOrDefault(trouble => trouble is not null)
            ?? inits.Concat(mains).Select(Creating).FirstOrDefault(trouble => trouble is not null);
    }

    // The API sorts the statuses by name.
    private static List<V1ContainerStatus> InOrder(IList<V1Container>? containers, IList<V1ContainerStatus>? statuses)
    {
        var order = (containers ?? []).Select(container => container.Name).ToList();
        return [.. (statuses ?? []).Where(status => status is not null).OrderBy(status => order.IndexOf(status.Name) is var at and >= 0 ? at : int.MaxValue)];
    }

    private static PodTrouble? Failed(V1ContainerStatus status) => status.State switch
    {
        { Waiting: { Reason: { Length: > 0 } reason } waiting } when !IsBeginning(reason) => Trouble(status, reason, Left(status.LastState?.Terminated) ?? waiting.Message, status.LastState?.Terminated),
        { Terminated: { ExitCode: not 0 } ended } => Trouble(status, ended.Reason, ended.Message, ended),
        { Running: not null } when !status.Ready && status.LastState?.Terminated is { ExitCode: not 0 } ended => Trouble(status, ended.Reason, ended.Message, ended),
        _ => null,
    };

    private static PodTrouble? NotReady(V1ContainerStatus status) =>
        status is { State.Running: not null, Ready: false } ? new(Text(status.Name), "NotReady", Message: null, ExitCode: null, status.RestartCount) : null;

    private static PodTrouble? Creating(V1ContainerStatus status) =>
        status.State?.Waiting is { } waiting ? Trouble(status, waiting.Reason ?? "ContainerCreating", waiting.Message, ended: null) : null;

    private static PodTrouble? Unscheduled(V1PodStatus? status) =>
        status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" }) is { } condition
            ? new(Container: null, Text(condition.Reason is { Length: > 0 } reason ? reason : "Unschedulable"), Message(condition.Message))
            : null;

    private static bool IsBeginning(string reason) => reason is "ContainerCreating" or "PodInitializing";

    // "Error" says no more than the exit code does.
    private static string? Left(V1ContainerStateTerminated? ended) => ended switch
    {
        null => null,
        { Message: { Length: > 0 } message } => message,
        { Reason: { Length: > 0 } reason } when reason != "Error" => reason,
        _ => null,
    };

    private static PodTrouble Trouble(V1ContainerStatus status, string? reason, string? message, V1ContainerStateTerminated? ended) =>
        new(Text(status.Name), Text(reason is { Length: > 0 } ? reason : "Error"), Message(message), ended?.ExitCode, status.RestartCount);

    private static string Text(string? text) => UntrustedText.Bound(text, MaxReasonLength);

    private static string? Message(string? text) => UntrustedText.BoundMiddle(text ?? "").Trim() is { Length: > 0 } message ? message : null;
}
