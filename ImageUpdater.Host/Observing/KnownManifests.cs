using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Observing;

/// <summary>Stored manifests, to recognise what a pod reports: a runtime may name an index, one of its manifests or a config.</summary>
internal static class KnownManifests
{
    public static async Task<Func<Digest, Manifest?>> LoadAsync(IObservingState store, IEnumerable<Digest> digests, CancellationToken cancellationToken)
    {
        var manifests = await store.LoadManifestsAsync([.. digests], cancellationToken);
        var children = manifests.Values.SelectMany(manifest => manifest.Children ?? []).Select(child => child.Digest).ToList();
        var known = manifests.Concat(await store.LoadManifestsAsync(children, cancellationToken)).DistinctBy(entry => entry.Key).ToFrozenDictionary();
        return digest => known.GetValueOrDefault(digest);
    }
}
