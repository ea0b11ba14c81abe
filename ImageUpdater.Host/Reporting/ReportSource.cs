using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Reporting;

/// <summary>Reads the data of a report from the store, for the command and the web pages.</summary>
internal static class ReportSource
{
    // An upper bound for memory. The templates show fewer rows, and say how many of these they left out.
    private const int MaxRows = 10_000;

    public static async Task<AuditReport> ReadAsync(
        IReportingState store, TimeSpan since, string? @namespace, string? cluster, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var from = now - since;
        var images = await store.LoadImagesAsync(cancellationToken);
        return AuditReport.Of(new AuditReportInput(
            GeneratedAt: now,
            Since: from,
            Until: now,
            Namespace: @namespace,
            Cluster: cluster,
            Rollouts: await store.RolloutsAsync(from, until: null, @namespace, MaxRows, cancellationToken),
            Decisions: [.. (await store.LoadDecisionsAsync(cancellationToken)).Values.Where(decision => @namespace is null || decision.Workload.Namespace == @namespace)],
            Audit: await store.AuditAsync(new AuditFilter { Namespace = @namespace, Since = from, Limit = MaxRows }, cancellationToken),
            FailingImages: [.. images.Values.Where(image => image.Failure is not null)],
            Notes: []));
    }
}
