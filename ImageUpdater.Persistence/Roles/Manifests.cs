using ImageUpdater.Core.Images;
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
            var there = await context.Manifests.Where(row => EF.Parameter(digests).Contains(row.Digest)).Select(row => row.Digest).ToListAsync(cancellationToken);
            context.Manifests.AddRange(manifests.DistinctBy(manifest => manifest.Digest).ExceptBy(there, manifest => manifest.Digest).Select(ManifestRow.Of));
            return true;
        },
        committed: () => { },
        cancellationToken);
}
