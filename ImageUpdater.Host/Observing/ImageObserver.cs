using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Registry;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Observing;

internal sealed record ImageObservations(IReadOnlyDictionary<ImageReference, ImageCheck> Checks, IReadOnlyList<string> Warnings);

/// <summary>Asks each registry once per distinct image, however many workloads share it, and stores what changed.</summary>
internal sealed class ImageObserver(RegistryObserver registries, PullCredentials credentials, StateStore store)
{
    public async Task<ImageObservations> ObserveAsync(IReadOnlyList<WorkloadSnapshot> workloads, IProgress<int>? progress, CancellationToken ct)
    {
        var images = TrackedImages(workloads);
        var candidates = await credentials.ForAsync(workloads, images, ct);
        var checks = await registries.CheckAllAsync(candidates.ByImage, progress, ct);
        var news = await store.RecordChecksAsync([.. checks.Values], ct);

        // Of a manifest that is no index the media type says all that decisions need: it never has to be fetched.
        var single = news.Where(observation => !Manifest.IsIndex(observation.MediaType));
        await store.SaveManifestsAsync([.. single.Select(observation => new Manifest(observation.Digest, observation.MediaType, Config: null, Children: null))], ct);
        return new ImageObservations(checks, candidates.Warnings);
    }

    public static IReadOnlySet<ImageReference> TrackedImages(IEnumerable<WorkloadSnapshot> workloads)
    {
        var images = new HashSet<ImageReference>();
        foreach (var workload in workloads)
        {
            var selection = ContainerSelection.Of(workload);
            var pins = TagPins.Of(workload);
            foreach (var container in selection.Tracked.Concat(selection.TrackedInit))
            {
                if (pins.Watched(container) is { } image)
                    images.Add(image);
            }
        }

        return images;
    }
}
