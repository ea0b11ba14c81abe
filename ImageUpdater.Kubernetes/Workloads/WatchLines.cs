using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>What a line of a watch says.</summary>
internal static class WatchLines
{
    /// <returns>Null when the line lacks what every line has.</returns>
    public static WorkloadChange? ChangeOf(WatchLine line, WorkloadKind kind, ImageTexts images)
    {
        if (line is not { Type: { } type, Object: { Metadata.ResourceVersion: { } version } told })
            return null;
        if (type == "BOOKMARK")
            return new WorkloadChange(version, Uid: null, Workload: null);
        if (told.Metadata.Uid is not { } uid)
            return null;

        var workload = new WorkloadObject(told.Metadata, told.Spec, told.Status);
        if (type == "DELETED" || !workload.IsEnabled)
            return new WorkloadChange(version, uid, Workload: null);
        return WorkloadMapping.ToSnapshot(workload, kind, images) is { } snapshot ? new WorkloadChange(version, uid, snapshot) : null;
    }

    /// <param name="status">The Status with which the server ends the watch.</param>
    public static KubernetesFailure ErrorOf(WatchedObject? status) => new(
        status?.Code == 410 ? KubernetesFailureKind.Gone : KubernetesFailureKind.ServerError,
        $"the watch was ended: {OutsideText.Bound(status?.Message ?? "no reason given")}");
}
