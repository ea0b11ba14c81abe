using System.Collections.Frozen;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Persistence;

/// <summary>Result of <see cref="IObservingState.RecordChecksAsync"/>.</summary>
/// <param name="Observations">The digests that are new behind their tags.</param>
/// <param name="Images">The new states of the recorded images.</param>
public sealed record RecordedChecks(IReadOnlyList<Observation> Observations, IReadOnlyDictionary<ObservedImage, ImageState> Images)
{
    /// <summary>What namespaces had read of images that all can read now. It is deleted.</summary>
    public IReadOnlySet<ObservedImage> Superseded { get; init; } = FrozenSet<ObservedImage>.Empty;
}

/// <summary>State of observing: the digests that each tag has served, the next checks, and downloaded manifests.</summary>
public interface IObservingState
{
    Task<IReadOnlyDictionary<ObservedImage, ImageState>> LoadImagesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores the results of checks. A served digest that differs from the last one becomes an observation; a failed
    /// check does not change the digest. One that all can read supersedes what namespaces have read of the same image. Who reads a digest for the first time
    /// takes over since when other readers have seen it. References pinned by digest are ignored.
    /// </summary>
    /// <param name="next">When images are checked next, including images that were not checked now.</param>
    Task<RecordedChecks> RecordChecksAsync(
        IReadOnlyCollection<ImageCheck> checks, IReadOnlyDictionary<ObservedImage, DateTimeOffset> next, CancellationToken cancellationToken);

    /// <summary>The stored manifests of these digests; digests without a stored manifest are left out.</summary>
    Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken);

    /// <summary>Stores manifests, and adds to stored ones what was not known of them. They are content-addressed, so nothing else changes.</summary>
    Task SaveManifestsAsync(IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken);

    /// <summary>The last requests of all readers for these manifests, by repository and digest; those that were never requested are left out.</summary>
    Task<IReadOnlyDictionary<ObservedImage, ManifestRead>> LoadReadsAsync(IReadOnlyCollection<ImageReference> images, CancellationToken cancellationToken);

    /// <summary>Stores the results of requests for manifests, and the manifests.</summary>
    Task RecordReadsAsync(IReadOnlyCollection<ManifestRead> reads, IReadOnlyCollection<Manifest> manifests, CancellationToken cancellationToken);
}
