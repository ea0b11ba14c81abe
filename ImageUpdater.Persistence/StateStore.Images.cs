using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    /// <summary>
    /// Takes over what the registries answered. A served digest that is another than before becomes an observation; a failed
    /// check leaves the digest as it is. Pinned references have nothing to observe and are left out.
    /// </summary>
    /// <returns>The new observations.</returns>
    public Task<IReadOnlyList<Observation>> RecordChecksAsync(IReadOnlyCollection<ImageCheck> checks, CancellationToken cancellationToken) =>
        RecordChecksAsync(checks, FrozenDictionary<ImageReference, DateTimeOffset>.Empty, cancellationToken);

    /// <param name="next">When images are to be checked next, those among them that were not checked now.</param>
    public Task<IReadOnlyList<Observation>> RecordChecksAsync(
        IReadOnlyCollection<ImageCheck> checks, IReadOnlyDictionary<ImageReference, DateTimeOffset> next, CancellationToken cancellationToken)
    {
        var observable = checks.Where(check => check.Image is { IsPinned: false, Tag: not null }).ToList();
        if (observable.Count == 0 && next.Count == 0)
            return Task.FromResult<IReadOnlyList<Observation>>([]);

        return WriteAsync<IReadOnlyList<Observation>>(
            async context =>
            {
                var rows = await FindAsync(context, [.. observable.Select(check => check.Image), .. next.Keys], cancellationToken);
                var observations = new List<Observation>();
                foreach (var check in observable)
                {
                    if (!rows.TryGetValue(check.Image, out var row))
                        rows.Add(check.Image, row = context.Images.Add(ImageRow.Of(check.Image)).Entity);
                    if (row.Take(check) is not { } observation)
                        continue;
                    row.Observations.Add(observation);
                    observations.Add(new Observation(check.Image, observation.Digest, observation.MediaType, observation.ServedFrom));
                }

                foreach (var (image, at) in next)
                {
                    if (rows.TryGetValue(image, out var row))
                        row.NextCheck = at;
                }

                return observations;
            },
            cancellationToken,
            committed: () => rememberedImages.Changed());
    }

    public Task<IReadOnlyDictionary<ImageReference, ImageState>> LoadImagesAsync(CancellationToken cancellationToken) =>
        RecallAsync(rememberedImages, async context =>
        {
            var rows = await context.Images.ToListAsync(cancellationToken);
            return (IReadOnlyDictionary<ImageReference, ImageState>)rows.Select(row => row.ToState()).ToDictionary(state => state.Image);
        });

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<Observation>> ObservationsOfAsync(ImageReference image, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<Observation>>(async context =>
        {
            var rows = await context.Images
                .Where(row => row.Registry == image.Registry && row.Repository == image.Repository && row.Tag == image.Tag)
                .SelectMany(row => row.Observations)
                .OrderByDescending(row => row.Id)
                .ToListAsync(cancellationToken);
            return [.. rows.Select(row => new Observation(image, row.Digest, row.MediaType, row.ServedFrom))];
        });

    /// <summary>Those that are there already stay as they are.</summary>
    public Task SaveManifestsAsync(IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken) =>
        manifests.Count == 0
            ? Task.CompletedTask
            : WriteAsync(
                async context =>
                {
                    var digests = manifests.Select(manifest => manifest.Digest).ToArray();
                    var there = await context.Manifests.Where(row => EF.Parameter(digests).Contains(row.Digest)).Select(row => row.Digest).ToListAsync(cancellationToken);
                    context.Manifests.AddRange(manifests.DistinctBy(manifest => manifest.Digest).ExceptBy(there, manifest => manifest.Digest).Select(ManifestRow.Of));
                    return true;
                },
                cancellationToken);

    /// <summary>Without an entry for a digest whose manifest is not known.</summary>
    public Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<Digest, Manifest>>(async context =>
        {
            var wanted = digests.ToArray();
            var rows = await context.Manifests.Where(row => EF.Parameter(wanted).Contains(row.Digest)).ToListAsync(cancellationToken);
            return rows.ToDictionary(row => row.Digest, row => row.ToManifest());
        });

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
