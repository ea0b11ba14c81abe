using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

internal sealed class ObservingState(StateDatabase database) : IObservingState
{
    public Task<IReadOnlyDictionary<ObservedImage, ImageState>> LoadImagesAsync(CancellationToken cancellationToken) => database.Cache.Images.GetAsync(cancellationToken);

    public async Task<RecordedChecks> RecordChecksAsync(
        IReadOnlyCollection<ImageCheck> checks, IReadOnlyDictionary<ObservedImage, DateTimeOffset> next, CancellationToken cancellationToken)
    {
        var observable = checks.Where(check => check.Image is { IsPinned: false, Tag: not null }).ToList();
        return observable.Count == 0 && next.Count == 0
            ? new RecordedChecks([], FrozenDictionary<ObservedImage, ImageState>.Empty)
            : await database.WriteAsync(context => RecordAsync(context, observable, next, cancellationToken), cancellationToken);
    }

    public Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        Manifests.LoadAsync(database, digests, cancellationToken);

    public Task SaveManifestsAsync(IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken) =>
        manifests.Count == 0 ? Task.CompletedTask : Manifests.SaveAsync(database, manifests, cancellationToken);

    public Task<IReadOnlyDictionary<ObservedImage, ManifestRead>> LoadReadsAsync(IReadOnlyCollection<ImageReference> images, CancellationToken cancellationToken) =>
        Manifests.LoadReadsAsync(database, images, cancellationToken);

    public Task RecordReadsAsync(IReadOnlyCollection<ManifestRead> reads, IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken) =>
        reads.Count == 0 ? Task.CompletedTask : Manifests.RecordReadsAsync(database, reads, manifests, cancellationToken);

    private static async Task<RecordedChecks> RecordAsync(
        StateContext context, List<ImageCheck> checks, IReadOnlyDictionary<ObservedImage, DateTimeOffset> next, CancellationToken cancellationToken)
    {
        var rows = await FindAsync(context, [.. checks.Select(check => check.Image), .. next.Keys.Select(read => read.Image)], cancellationToken);
        var ofImages = rows.Values.ToLookup(row => row.Reference);
        var observations = new List<Observation>();
        var superseded = new HashSet<ObservedImage>();
        foreach (var check in checks)
        {
            if (!rows.TryGetValue(check.Observed, out var row))
                rows.Add(check.Observed, row = context.Images.Add(ImageRow.Of(check.Observed)).Entity);
            var isFirst = row.Digest is null;
            var others = ofImages[check.Image].Where(other => other != row).ToList();
            var (state, observation) = row.ToState().After(check);
            row.Save(observation is null ? state : others.Aggregate(state, (state, other) => state.Since(other.ToState())));
            if (observation is not null)
            {
                observations.Add(observation);
                row.Observations.AddRange(isFirst ? await HistoryAsync(context, others, observation, cancellationToken) : [ObservationRow.Of(observation)]);
            }

            if (check is ServedCheck { Reader.IsShared: true })
                superseded.UnionWith(others.Select(other => other.Observed));
        }

        foreach (var (image, at) in next)
        {
            if (rows.TryGetValue(image, out var row))
                row.NextCheck = at;
        }

        context.Images.RemoveRange(superseded.Select(read => rows[read]));
        return new RecordedChecks(observations, rows.Where(row => !superseded.Contains(row.Key)).ToDictionary(row => row.Key, row => row.Value.ToState())) { Superseded = superseded };
    }

    // Of a tag that was read with other credentials until now, what counts for whether it flaps.
    private static async Task<IEnumerable<ObservationRow>> HistoryAsync(StateContext context, List<ImageRow> others, Observation observation, CancellationToken cancellationToken)
    {
        if (others.Find(other => other.Digest == observation.Digest) is not { } same)
            return [ObservationRow.Of(observation)];

        var newest = await context.Observations.AsNoTracking().Where(row => row.ImageId == same.Id).OrderByDescending(row => row.Id).Take(Flap.MostObservations).ToListAsync(cancellationToken);
        return newest.Count > 0 && newest[0].Digest == observation.Digest ? newest.AsEnumerable().Reverse().Select(row => row.Copy()) : [ObservationRow.Of(observation)];
    }

    private static async Task<Dictionary<ObservedImage, ImageRow>> FindAsync(
        StateContext context, HashSet<ImageReference> images, CancellationToken cancellationToken)
    {
        var repositories = images.Select(image => image.Repository).Distinct().ToArray();
        var found = new Dictionary<ObservedImage, ImageRow>();
        await foreach (var row in context.Images.Where(row => EF.Parameter(repositories).Contains(row.Repository)).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (row.Observed is var read && images.Contains(read.Image))
                found.Add(read, row);
        }

        return found;
    }
}
