using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Reporting;

/// <param name="Cluster">Null if it is not known.</param>
/// <param name="ObserveOnly">The option of this name, of the program that makes the report.</param>
internal sealed record ReportOrigin(string? Cluster, bool ObserveOnly);

/// <summary>Reads the data of a report from the store, for the command and the web pages.</summary>
internal static class ReportSource
{
    // An upper bound for memory. The templates show fewer rows, and say how many of these they left out.
    private const int MaxRows = 10_000;

    public static async Task<AuditReport> ReadAsync(
        IReportingState store, TimeSpan since, string? @namespace, ReportOrigin origin, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var from = now - since;
        var images = await store.LoadImagesAsync(cancellationToken);
        var decisions = (await store.LoadDecisionsAsync(cancellationToken)).Values.Where(decision => @namespace is null || decision.Workload.Namespace == @namespace).ToList();
        // An image that nobody uses any more stays in the state for the retention time, and keeps its last failure. A pinned one is its tag's.
        var used = decisions.Where(decision => decision.Reason is not (DecisionReason.NotTracked or DecisionReason.Pinned))
            .Select(decision => ImageReference.TryParse(decision.ImageText, out var image) ? (image.Registry, image.Repository, image.Tag, Reader: new Reader(decision.Workload.Namespace)) : default).ToHashSet();
        // What a namespace reads with its own credentials is its own; the others use what all share.
        var own = images.Keys.Select(read => (read.Image.Registry, read.Image.Repository, read.Image.Tag, read.Reader)).ToHashSet();
        used = used.Select(use => own.Contains(use) ? use : use with { Reader = Reader.Shared }).ToHashSet();
        return AuditReport.Of(new AuditReportInput(
            GeneratedAt: now,
            Since: from,
            Until: now,
            Namespace: @namespace,
            Cluster: origin.Cluster,
            Rollouts: await store.RolloutsAsync(from, until: null, @namespace, MaxRows, cancellationToken),
            Decisions: decisions,
            Audit: await store.AuditAsync(new AuditFilter { Namespace = @namespace, Since = from, Limit = MaxRows }, cancellationToken),
            FailingImages: [.. images.Values.Where(state => state.Failure is not null && used.Contains((state.Image.Registry, state.Image.Repository, state.Image.Tag, state.Reader)))],
            Notes: [],
            ObserveOnly: origin.ObserveOnly));
    }
}
