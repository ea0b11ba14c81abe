using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes;

internal sealed partial class KubernetesClient
{
    // The server would end it between 30 and 60 minutes by itself. Jitter, so that not all watches of a cluster end together.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan EndsLate = TimeSpan.FromSeconds(30);

    /// <summary>Tells what becomes of the enabled workloads of a kind, until the server ends it in good order or it fails. Tries nothing again.</summary>
    /// <param name="version">To go on from: of a list, or of the last change that was told.</param>
    /// <param name="opened">The server has answered, and whatever happens from now on is told.</param>
    /// <returns>Null when it ended in good order: go on from the last version. After a failure the list has to be read again.</returns>
    public async Task<KubernetesFailure?> WatchWorkloadsAsync(
        WorkloadKind kind, string? @namespace, string version, Action opened, Action<WorkloadChange> changed, CancellationToken cancellationToken)
    {
        var length = ShortestWatch * (1 + Random.Shared.NextDouble());
        var path = ApiPath.Workloads(kind, @namespace);
        var request = new KubernetesRequest<WatchLine>(HttpMethod.Get, path, KubernetesJson.Default.WatchLine)
        {
            Query = $"watch=true&allowWatchBookmarks=true&resourceVersion={ApiPath.Escape(version)}&timeoutSeconds={(int)length.TotalSeconds}",
            Timeout = length + EndsLate,
        };
        var images = new ImageTexts();
        return await transport.StreamAsync(request, opened, line =>
        {
            if (line.Type == "ERROR")
                return ErrorOf(line.Object);
            if (ChangeOf(line, kind, images) is not { } change)
                return Incomplete(path);
            changed(change);
            return null;
        }, cancellationToken);
    }

    private static WorkloadChange? ChangeOf(WatchLine line, WorkloadKind kind, ImageTexts images)
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

    private static KubernetesFailure ErrorOf(WatchedObject? status) => new(
        status?.Code == 410 ? KubernetesFailureKind.Gone : KubernetesFailureKind.ServerError,
        $"the watch was ended: {OutsideText.Bound(status?.Message ?? "no reason given")}");
}
