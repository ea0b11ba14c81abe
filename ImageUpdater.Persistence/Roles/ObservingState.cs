using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

internal sealed class ObservingState(StateDatabase database) : IObservingState
{
    public Task<IReadOnlyDictionary<ImageReference, ImageState>> LoadImagesAsync(CancellationToken cancellationToken) => database.Cache.Images.GetAsync(cancellationToken);

    public async Task<RecordedChecks> RecordChecksAsync(
        IReadOnlyCollection<ImageCheck> checks, IReadOnlyDictionary<ImageReference, DateTimeOffset> next, CancellationToken cancellationToken)
    {
        var observable = checks.Where(check => check.Image is { IsPinned: false, Tag: not null }).ToList();
        return observable.Count == 0 && next.Count == 0
            ? new RecordedChecks([], FrozenDictionary<ImageReference, ImageState>.Empty)
            : await database.WriteAsync(context => RecordAsync(context, observable, next, cancellationToken), cancellationToken);
    }

    public Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        Manifests.LoadAsync(database, digests, cancellationToken);

    public Task SaveManifestsAsync(IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken) =>
        manifests.Count == 0 ? Task.CompletedTask : Manifests.SaveAsync(database, manifests, cancellationToken);

    public Task<IReadOnlyDictionary<ImageReference, ManifestRead>> LoadReadsAsync(IReadOnlyCollection<ImageReference> images, CancellationToken cancellationToken) =>
        Manifests.LoadReadsAsync(database, images, cancellationToken);

    public Task RecordReadsAsync(IReadOnlyCollection<ManifestRead> reads, IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken) =>
        reads.Count == 0 ? Task.CompletedTask : Manifests.RecordReadsAsync(database, reads, manifests, cancellationToken);

    private static async Task<RecordedChecks> RecordAsync(
        StateContext context, List<ImageCheck> checks, IReadOnlyDictionary<ImageReference, DateTimeOffset> next, CancellationToken cancellationToken)
    {
        var rows = await FindAsync(context, [.. checks.Select(check => check.Image), .. next.Keys], cancellationToken);
        var observations = new List<Observation>();
        foreach (var check in checks)
        {
            if (!rows.TryGetValue(check.Image, out var row))
                rows.Add(check.Image, row = context.Images.Add(ImageRow.Of(check.Image)).Entity);
            var (state, observation) = row.ToState().After(check);
            row.Save(state);
            if (observation is null)
                continue;
            row.Observations.Add(ObservationRow.Of(observation));
            observations.Add(observation);
        }

        foreach (var (image, at) in next)
        {
            if (rows.TryGetValue(image, out var row))
                row.NextCheck = at;
        }

        return new RecordedChecks(observations, rows.ToDictionary(row => row.Key, row => row.Value.ToState()));
    }

    private static async Task<Dictionary<ImageReference, ImageRow>> FindAsync(
        StateContext context, HashSet<ImageReference> images, CancellationToken cancellationToken)
    {
        var repositories = images.Select(image => image.Repository).Distinct().ToArray();
        var found = new Dictionary<ImageReference, ImageRow>();
        await foreach (var row in context.Images.Where(row => EF.Parameter(repositories).Contains(row.Repository)).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (row.Reference is var reference && images.Contains(reference))
                found.Add(reference, row);
        }

        return found;
    }
}
