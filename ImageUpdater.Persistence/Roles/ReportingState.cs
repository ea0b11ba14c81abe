using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

internal sealed class ReportingState(StateDatabase database) : IReportingState
{
    private readonly StoredPlans plans = new(database);

    public Task<IReadOnlyList<AuditRecord>> AuditAsync(AuditFilter filter, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AuditRecord>>(async context =>
        {
            var matching = Matching(context.Audit, filter);
            var ordered = filter.AfterId is null ? matching.OrderByDescending(row => row.Id) : matching.OrderBy(row => row.Id);
            var rows = await ordered.Take(filter.Limit).ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToRecord())];
        });

    public Task<IReadOnlyList<Rollout>> RolloutsAsync(
        DateTimeOffset since, DateTimeOffset? until, string? @namespace, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(context => RolloutQueries.ReadAsync(
            context.Rollouts
                .Where(row => (row.StartedAt >= since || row.EndedAt == null || row.EndedAt >= since) && (until == null || row.StartedAt < until) && (@namespace == null || row.Namespace == @namespace))
                .OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.Id).Take(limit),
            cancellationToken));

    public Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(context => RolloutQueries.OfAsync(context, uid, limit, cancellationToken));

    public Task<IReadOnlyDictionary<ContainerId, LastDecision>> LoadDecisionsAsync(CancellationToken cancellationToken) => database.Cache.Decisions.GetAsync(cancellationToken);

    public Task<IReadOnlyDictionary<ContainerId, Baseline>> LoadBaselinesAsync(CancellationToken cancellationToken) => database.Cache.Baselines.GetAsync(cancellationToken);

    public Task<IReadOnlyDictionary<ObservedImage, ImageState>> LoadImagesAsync(CancellationToken cancellationToken) => database.Cache.Images.GetAsync(cancellationToken);

    public Task<IReadOnlyList<Observation>> ObservationsOfAsync(ObservedImage read, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Observation>>(async context =>
        {
            var (image, reader) = (read.Image, ReaderText.Of(read.Reader));
            var rows = await context.Images
                .Where(row => row.Registry == image.Registry && row.Repository == image.Repository && row.Tag == image.Tag && row.Reader == reader)
                .SelectMany(row => row.Observations)
                .OrderByDescending(row => row.Id)
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => row.ToObservation(read))];
        });

    public Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        Manifests.LoadAsync(database, digests, cancellationToken);

    public Task<IReadOnlyList<PlanSummary>> LatestPlansAsync(int limit, CancellationToken cancellationToken) => plans.LatestAsync(limit, cancellationToken);

    public Task<Result<StoredPlan, string>> FindPlanAsync(string idOrPrefix, CancellationToken cancellationToken) => plans.FindAsync(idOrPrefix, cancellationToken);

    private static IQueryable<AuditRow> Matching(IQueryable<AuditRow> rows, AuditFilter filter)
    {
        if (filter.Kind is { } kind)
            rows = rows.Where(row => row.Kind == kind);
        if (filter.Name is { } name)
            rows = rows.Where(row => row.Name == name);
        if (filter.Namespace is { } @namespace)
            rows = rows.Where(row => row.Namespace == @namespace);
        if (filter.Since is { } since)
            rows = rows.Where(row => row.At >= since);
        if (filter.Actions is { } actions)
            rows = rows.Where(row => actions.Contains(row.Action));
        if (filter.AfterId is { } after)
            rows = rows.Where(row => row.Id > after);
        if (filter.BeforeId is { } before)
            rows = rows.Where(row => row.Id < before);
        return rows;
    }
}
