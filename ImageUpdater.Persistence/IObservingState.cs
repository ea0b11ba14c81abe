using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Persistence;

/// <summary>What a recording changed.</summary>
/// <param name="Observations">Of the digests that are new behind their tags.</param>
/// <param name="Images">Those that were recorded, as they are now.</param>
public sealed record RecordedChecks(IReadOnlyList<Observation> Observations, IReadOnlyDictionary<ImageReference, ImageState> Images);

/// <summary>What observing keeps: what each tag served and serves, when it is asked about next, and the manifests that were read.</summary>
public interface IObservingState
{
    Task<IReadOnlyDictionary<ImageReference, ImageState>> LoadImagesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores the results of checks. A served digest that differs from the last one becomes an observation; a failed
    /// check leaves the digest as it is. Pinned references have nothing to observe and are left out.
    /// </summary>
    /// <param name="next">When images are checked next, including images that were not checked now.</param>
    Task<RecordedChecks> RecordChecksAsync(
        IReadOnlyCollection<ImageCheck> checks, IReadOnlyDictionary<ImageReference, DateTimeOffset> next, CancellationToken cancellationToken);

    /// <summary>Without an entry for a digest whose manifest is not known.</summary>
    Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken);

    /// <summary>Those that are there already stay as they are.</summary>
    Task SaveManifestsAsync(IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken);
}
