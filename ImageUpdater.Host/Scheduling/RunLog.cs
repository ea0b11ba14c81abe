using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Logging;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Scheduling;

/// <summary>The first and the last line of the log of <c>run</c>.</summary>
internal sealed partial class RunLog(
    KubernetesConnection connection, CheckingOptions checking, ServingOptions serving, IApplyingState store, RunTally tally, TimeProvider time, ILogger<RunLog> logger)
{
    private const int MostNamed = 5;

    private readonly long started = time.GetTimestamp();

    public void Starting() => Starting(
        UserAgent.Product.Product!.Version!,
        connection.IsInPod ? $"of this pod ({connection.Endpoint.Server.Authority})" : connection.Cluster.Name,
        checking.Namespaces.Count == 0 ? "all namespaces" : $"{(checking.Namespaces.Count == 1 ? "namespace" : "namespaces")} {string.Join(", ", checking.Namespaces)}",
        Words.Span(checking.CheckInterval),
        serving.Listen,
        serving.AuthFile is null ? "no authentication" : "authentication required");

    /// <summary>Call when the jobs and the readers of the audit log have stopped, while the store is open.</summary>
    public async Task StoppedAsync()
    {
        var open = await OpenAsync();
        Stopped(
            Words.Span(time.GetElapsedTime(started)), tally.Cycles, tally.FailedCycles, tally.Restarts, tally.Succeeded, tally.Failed, open ?? "unknown, since the state store can't be read");
    }

    private async Task<string?> OpenAsync()
    {
        try
        {
            var rollouts = await store.OpenRolloutsAsync(CancellationToken.None);
            var more = rollouts.Count > MostNamed ? $" and {Words.Number(rollouts.Count - MostNamed)} more" : "";
            return rollouts.Count == 0
                ? "nothing"
                : $"{string.Join(", ", rollouts.Take(MostNamed).Select(rollout => rollout.Workload))}{more}; Kubernetes continues, and the next start tracks {(rollouts.Count == 1 ? "it" : "them")}";
        }
        catch (StateStoreException exception)
        {
            StoreFailure.LogCause(logger, exception);
            return null;
        }
    }

    [LoggerMessage(310, LogLevel.Information, "ImageUpdater {Version} · cluster {Cluster} · {Namespaces} · every {Interval} · {Address}, {Authentication}")]
    private partial void Starting(string version, string cluster, string namespaces, string interval, ListenAddress address, string authentication);

    [LoggerMessage(311, LogLevel.Information, "Stopped after {Ran}: cycles: {Cycles} ({FailedCycles} failed); restarts: {Restarts}; rollouts: {Succeeded} succeeded, {Failed} failed; in progress: {InProgress}")]
    private partial void Stopped(string ran, int cycles, int failedCycles, int restarts, int succeeded, int failed, string inProgress);
}
