using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Persistence;

/// <summary>Result of <see cref="IObservingState.RecordChecksAsync"/>.</summary>
/// <param name="Observations">The digests that are new behind their tags.</param>
/// <param name="Images">The new states of the recorded images.</param>
public sealed record RecordedChecks(IReadOnlyList<Observation> Observations, IReadOnlyDictionary<ImageReference, ImageState> Images);

/// <summary>State of observing: the digests that each tag has served, the next checks, and downloaded manifests.</summary>
public interface IObservingState
{
    Task<IReadOnlyDictionary<ImageReference, ImageState>> LoadImagesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores the results of checks. A served digest that differs from the last one becomes an observation; a failed
    /// check does not change the digest. References pinned by digest are ignored.
    /// </summary>
    /// <param name="next">When images are checked next, including images that were not checked now.</param>
    Task<RecordedChecks> RecordChecksAsync(
        IReadOnlyCollection<ImageCheck> checks, IReadOnlyDictionary<ImageReference, DateTimeOffset> next, CancellationToken cancellationToken);

    /// <summary>The stored manifests of these digests; digests without a stored manifest are left out.</summary>
    Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken);

    /// <summary>Stores manifests, and adds to stored ones what was not known of them. They are content-addressed, so nothing else changes.</summary>
    Task SaveManifestsAsync(IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken);

    /// <summary>The last requests for these manifests, by repository and digest; those that were never requested are left out.</summary>
    Task<IReadOnlyDictionary<ImageReference, ManifestRead>> LoadReadsAsync(IReadOnlyCollection<ImageReference> images, CancellationToken cancellationToken);

    /// <summary>Stores the results of requests for manifests, and the manifests.</summary>
    Task RecordReadsAsync(IReadOnlyCollection<ManifestRead> reads, IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken);
}
