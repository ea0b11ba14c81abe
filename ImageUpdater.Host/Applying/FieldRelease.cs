using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;

namespace ImageUpdater.Host.Applying;

/// <summary>
/// The last step of a restart that wrote fields of others: they are given back to whoever writes the manifest, who could not apply it otherwise.
/// The workload itself shows whether that still has to be done, so after a kill or a failure the next cycle does it.
/// </summary>
internal sealed partial class FieldRelease(ClusterClient kubernetes, ILogger<FieldRelease> logger)
{
    // It is tried again every cycle, and logged once until its message changes.
    private readonly Dictionary<string, string> logged = new(StringComparer.Ordinal);

    /// <returns>Why it could not be done, which does not fail the restart; else null.</returns>
    public async Task<string?> ReleaseAsync(WorkloadSnapshot workload, CancellationToken cancellationToken)
    {
        if (!workload.OwnsOthersFields)
            return null;

        if (await kubernetes.GiveUpFieldsAsync(workload.Key, workload.Uid, cancellationToken) is not { } failure)
        {
            logged.Remove(workload.Uid);
            return null;
        }

        if (logged.GetValueOrDefault(workload.Uid) != failure.Message)
            NotReleased(workload.Key, logged[workload.Uid] = failure.Message);
        return failure.Message;
    }

    [LoggerMessage(211, LogLevel.Warning, "{Workload}: cannot give up the ownership of the fields that a restart wrote, so a server-side apply of the manifest may conflict: {Detail}; the next cycle or apply retries")]
    private partial void NotReleased(WorkloadKey workload, string detail);
}
