using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Watching;
using ImageUpdater.Kubernetes.Workloads;
using k8s.Models;

namespace ImageUpdater.Kubernetes;

internal sealed partial class ClusterClient
{
    /// <summary>The workloads whose annotation <c>enabled</c> is exactly <c>true</c>.</summary>
    /// <param name="namespace">Null for all namespaces.</param>
    public async Task<Result<ItemList<WorkloadSnapshot>, KubernetesFailure>> ListEnabledWorkloadsAsync(
        WorkloadKind kind, string? @namespace, CancellationToken cancellationToken)
    {
        if (@namespace is not null && ResourceName.Refusal(@namespace) is { } refusal)
            return refusal;

        var path = WorkloadPath.Of(kind, @namespace);
        var read = await lists.ReadAsync(path, async (wanted, attempt) =>
        {
            var page = await attempt.Api.SendAsync(
                HttpMethod.Get, path + QueryOf(wanted), patch: null, WorkloadJson.Default.WorkloadPage, attempt.Headers, attempt.Token);
            return page is null ? null : new Page<WorkloadObject>(page.Items ?? [], page.Metadata?.ContinueProperty, page.Metadata?.ResourceVersion)
            {
                PassedOver = page.Items?.PassedOver(kind) ?? PassedOver.None,
            };
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

        return new ItemList<WorkloadSnapshot>(snapshots, list.Version) { PassedOver = list.PassedOver };
    }

    public Task<Result<WorkloadSnapshot, KubernetesFailure>> GetWorkloadAsync(WorkloadKey key, CancellationToken cancellationToken) =>
        CallWorkloadAsync(HttpMethod.Get, key, query: "", patch: null, cancellationToken);

    /// <param name="strategicMergePatch">JSON from <see cref="WorkloadPatch"/>.</param>
    /// <returns>The patched workload.</returns>
    public Task<Result<WorkloadSnapshot, KubernetesFailure>> PatchWorkloadAsync(
        WorkloadKey key, string strategicMergePatch, CancellationToken cancellationToken) => CallWorkloadAsync(
            HttpMethod.Patch, key, $"?fieldManager={FieldManager}&fieldValidation={FieldValidation}",
            new V1Patch(strategicMergePatch, V1Patch.PatchType.StrategicMergePatch), cancellationToken);

    /// <summary>Watches the enabled workloads of a kind until the server ends the watch or it fails. Does not retry.</summary>
    /// <param name="version">The resourceVersion to start from: of a list, or of the last change received.</param>
    /// <param name="opened">Called when the server has accepted the watch.</param>
    /// <returns>Null if the server ended the watch normally: watch again from the last version. After a failure, list again.</returns>
    public async Task<KubernetesFailure?> WatchWorkloadsAsync(
        WorkloadKind kind, string? @namespace, string version, Action opened, Action<ItemChange<WorkloadSnapshot>> changed, CancellationToken cancellationToken)
    {
        if (@namespace is not null && ResourceName.Refusal(@namespace) is { } refusal)
            return refusal;

        var images = new ImageTexts();
        return await WatchAsync(
            WorkloadPath.Of(kind, @namespace), version, WorkloadJson.Default.WatchLineWatchedWorkload, CallHeaders.Json, opened,
            line => WatchLines.ChangeOf(
                line, workload => workload.Workload.IsEnabled, workload => WorkloadMapping.ToSnapshot(workload.Workload, kind, images), workload => workload.Workload.MistakeOf(kind)),
            changed, cancellationToken);
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
}
