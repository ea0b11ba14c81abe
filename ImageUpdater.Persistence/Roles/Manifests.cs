using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Roles;

/// <summary>Manifest queries of several roles.</summary>
internal static class Manifests
{
    public static Task<IReadOnlyDictionary<Digest, Manifest>> LoadAsync(StateDatabase database, IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Digest, Manifest>>(async context =>
        {
            var wanted = digests.ToArray();
            var rows = await context.Manifests.Where(row => EF.Parameter(wanted).Contains(row.Digest)).ToListAsync(cancellationToken);
            return rows.ToDictionary(row => row.Digest, row => row.ToManifest());
        });

    public static Task SaveAsync(StateDatabase database, IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var digests = manifests.Select(manifest => manifest.Digest).ToArray();
            await AddAsync(context, manifests, digests, cancellationToken);
            return true;
        },
        cancellationToken);

    public static Task<IReadOnlyDictionary<ObservedImage, ManifestRead>> LoadReadsAsync(
        StateDatabase database, IReadOnlyCollection<ImageReference> images, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<ObservedImage, ManifestRead>>(async context =>
        {
            var wanted = images.ToArray();
            var rows = await context.ManifestReads.Where(row => EF.Parameter(wanted).Contains(row.Image)).ToListAsync(cancellationToken);
            return rows.Select(row => row.ToRead()).ToDictionary(read => read.Observed);
        });

    public static Task RecordReadsAsync(
        StateDatabase database, IReadOnlyCollection<ManifestRead> reads, IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var images = reads.Select(read => read.Image).Distinct().ToArray();
            var rows = await context.ManifestReads.Where(row => EF.Parameter(images).Contains(row.Image)).ToDictionaryAsync(row => (row.Image, row.Reader), cancellationToken);
            foreach (var read in reads)
            {
                if (rows.TryGetValue((read.Image, ReaderText.Of(read.Reader)), out var row))
                    row.Take(read);
                else
                    context.ManifestReads.Add(ManifestReadRow.Of(read));
            }

            await AddAsync(context, manifests, [.. manifests.Select(manifest => manifest.Digest)], cancellationToken);
            return true;
        },
        cancellationToken);

    private static async Task AddAsync(StateContext context, IReadOnlyCollection<Manifest> manifests, Digest[] digests, CancellationToken cancellationToken)
    {
        var rows = await context.Manifests.Where(row => EF.Parameter(digests).Contains(row.Digest)).ToDictionaryAsync(row => row.Digest, cancellationToken);
        foreach (var manifest in manifests)
        {
            if (rows.TryGetValue(manifest.Digest, out var row))
                row.Take(manifest);
            else
                rows.Add(manifest.Digest, context.Manifests.Add(ManifestRow.Of(manifest)).Entity);
        }
    }
}
