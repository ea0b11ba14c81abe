using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Workloads;
using k8s.Models;

namespace ImageUpdater.Kubernetes;

internal sealed partial class ClusterClient
{
    // The server would end it between 30 and 60 minutes by itself. Jitter, so that not all watches of a cluster end together.
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan EndsLate = TimeSpan.FromSeconds(30);

    /// <summary>The workloads whose annotation <c>enabled</c> is exactly <c>true</c>, those with the legacy finalizer among them.</summary>
    /// <param name="namespace">Null: all namespaces.</param>
    public async Task<Result<WorkloadList, KubernetesFailure>> ListEnabledWorkloadsAsync(
        WorkloadKind kind, string? @namespace, CancellationToken cancellationToken)
    {
        if (@namespace is not null && ResourceName.Refusal(@namespace) is { } refusal)
            return refusal;

        var path = WorkloadPath.Of(kind, @namespace);
        var read = await lists.ReadAsync(path, async (wanted, attempt) =>
        {
            var page = await attempt.Api.SendAsync(
                HttpMethod.Get, path + QueryOf(wanted), patch: null, WorkloadJson.Default.WorkloadPage, attempt.Headers, attempt.Token);
            return page is null ? null : new Page<WorkloadObject>(page.Items ?? [], page.Metadata?.Continue, page.Metadata?.ResourceVersion);
        }, cancellationToken);
        if (!read.IsSuccess(out var list, out var failure))
            return failure;

        var images = new ImageTexts();
        var snapshots = new List<WorkloadSnapshot>();
        foreach (var workload in list.Items)
        {
            if (WorkloadMapping.ToSnapshot(workload, kind, images) is not { } snapshot)
                return Incomplete(path);
            snapshots.Add(snapshot);
        }

        return new WorkloadList(snapshots, list.Version);
    }

    public Task<Result<WorkloadSnapshot, KubernetesFailure>> GetWorkloadAsync(WorkloadKey key, CancellationToken cancellationToken) =>
        CallWorkloadAsync(HttpMethod.Get, key, query: "", patch: null, cancellationToken);

    /// <param name="strategicMergePatch">JSON, as <see cref="WorkloadPatch"/> makes it.</param>
    /// <returns>The workload as it is after the patch.</returns>
    public Task<Result<WorkloadSnapshot, KubernetesFailure>> PatchWorkloadAsync(
        WorkloadKey key, string strategicMergePatch, CancellationToken cancellationToken) => CallWorkloadAsync(
            HttpMethod.Patch, key, $"?fieldManager={FieldManager}&fieldValidation={FieldValidation}",
            new V1Patch(strategicMergePatch, V1Patch.PatchType.StrategicMergePatch), cancellationToken);

    /// <summary>Tells what becomes of the enabled workloads of a kind, until the server ends it in good order or it fails. Tries nothing again.</summary>
    /// <param name="version">To go on from: of a list, or of the last change that was told.</param>
    /// <param name="opened">The server has answered, and whatever happens from now on is told.</param>
    /// <returns>Null when it ended in good order: go on from the last version. After a failure the list has to be read again.</returns>
    public async Task<KubernetesFailure?> WatchWorkloadsAsync(
        WorkloadKind kind, string? @namespace, string version, Action opened, Action<WorkloadChange> changed, CancellationToken cancellationToken)
    {
        if (@namespace is not null && ResourceName.Refusal(@namespace) is { } refusal)
            return refusal;

        var length = ShortestWatch * (1 + Random.Shared.NextDouble());
        var path = WorkloadPath.Of(kind, @namespace);
        var query = $"?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(version)}&timeoutSeconds={(int)length.TotalSeconds}";
        var images = new ImageTexts();
        var watch = new ApiCall<WatchEnd>(HttpMethod.Get, path, async attempt =>
        {
            await foreach (var line in attempt.Api.StreamAsync(path + query, WorkloadJson.Default.WatchLine, opened, attempt.Headers, attempt.Token))
            {
                if (line is null)
                    return null;
                if (line.Type == "ERROR")
                    return new WatchEnd(WatchLines.ErrorOf(line.Object));
                if (WatchLines.ChangeOf(line, kind, images) is not { } change)
                    return new WatchEnd(Incomplete(path));
                changed(change);
            }

            return new WatchEnd(Failure: null);
        })
        {
            Timeout = length + EndsLate,
        };
        return (await calls.MakeOnceAsync(watch, cancellationToken)).IsSuccess(out var end, out var failure) ? end.Failure : failure;
    }

    private async Task<Result<WorkloadSnapshot, KubernetesFailure>> CallWorkloadAsync(
        HttpMethod method, WorkloadKey key, string query, V1Patch? patch, CancellationToken cancellationToken)
    {
        if (ResourceName.Refusal(key.Namespace, key.Name) is { } refusal)
            return refusal;

        var path = WorkloadPath.Of(key);
        var call = new ApiCall<WorkloadObject>(method, path, attempt => attempt.Api.SendAsync(
            method, path + query, patch, WorkloadJson.Default.WorkloadObject, attempt.Headers, attempt.Token));
        if (!(await calls.MakeAsync(call, cancellationToken)).IsSuccess(out var workload, out var failure))
            return failure;

        return WorkloadMapping.ToSnapshot(workload, key.Kind, new ImageTexts()) is { } snapshot
            ? snapshot
            : Incomplete(path) with { MayHaveArrived = call.IsWrite };
    }

    private static string QueryOf(PageRequest page) => (page.Limit, page.Continue) switch
    {
        (null, _) => "",
        (var limit, null) => $"?limit={limit}",
        var (limit, next) => $"?limit={limit}&continue={Uri.EscapeDataString(next)}",
    };

    private static KubernetesFailure Incomplete(string path) =>
        new(KubernetesFailureKind.InvalidAnswer, $"what {path} answered lacks a name, a uid or a resourceVersion");

    /// <param name="Failure">Null: in good order.</param>
    private sealed record WatchEnd(KubernetesFailure? Failure);
}
