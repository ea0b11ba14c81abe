using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Reporting;

/// <summary>Reads from the store what a report is made of. The command and the web pages share it.</summary>
internal static class ReportSource
{
    // A report of more is not read by anybody; the templates say how many rows they left out of what they got.
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
