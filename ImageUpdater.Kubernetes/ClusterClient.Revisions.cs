using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Workloads;

namespace ImageUpdater.Kubernetes;

internal sealed partial class ClusterClient
{
    /// <summary>The revisions of a workload that the cluster keeps, which are as many as its <c>revisionHistoryLimit</c>, in no order.</summary>
    public async Task<Result<IReadOnlyList<RevisionSnapshot>, KubernetesFailure>> ListRevisionsAsync(WorkloadSnapshot workload, CancellationToken cancellationToken)
    {
        var @namespace = workload.Key.Namespace;
        if (ResourceName.Refusal(@namespace) is { } refusal)
            return refusal;

        var path = $"/apis/apps/v1/namespaces/{@namespace}/{(workload.Key.Kind == WorkloadKind.Deployment ? "replicasets" : "controllerrevisions")}";
        var selector = $"labelSelector={Uri.EscapeDataString(workload.PodSelector)}";
        var read = await lists.ReadAsync(path, async (wanted, attempt) =>
        {
            var query = QueryOf(wanted) is { Length: > 0 } page ? $"{page}&{selector}" : $"?{selector}";
            var answer = await attempt.Api.SendAsync(HttpMethod.Get, path + query, patch: null, WorkloadJson.Default.RevisionPage, attempt.Headers, attempt.Token);
            return answer is null ? null : new Page<RevisionSnapshot>(Of(answer, workload.Uid), answer.Metadata?.ContinueProperty, answer.Metadata?.ResourceVersion);
        }, cancellationToken);
        return read.IsSuccess(out var list, out var failure) ? list.Items : failure;
    }

    // The selector of another workload may match the same labels, and revisions of a deleted workload stay for a moment.
    private static IEnumerable<RevisionSnapshot> Of(RevisionPage page, string uid) => (page.Items ?? [])
        .Where(revision => revision.Metadata?.OwnerReferences?.Any(owner => owner.Uid == uid) == true)
        .Select(revision => new RevisionSnapshot(
            (revision.Spec ?? revision.Data?.Spec)?.Template?.Metadata?.Annotations?.RestartedAt is { } restartedAt ? UntrustedText.Bound(restartedAt) : null,
            revision.Metadata!.Annotations?.GetValueOrDefault(Annotations.LastDigest)));
}
