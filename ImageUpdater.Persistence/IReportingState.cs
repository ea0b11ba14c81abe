using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence;

/// <summary>What reports, pages and commands read. Nothing here writes.</summary>
public interface IReportingState
{
    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<AuditRecord>> AuditAsync(AuditFilter filter, CancellationToken cancellationToken);

    /// <summary>Those that ran at any moment from <paramref name="since"/> to just before <paramref name="until"/>, newest first.</summary>
    /// <param name="namespace">Null for all.</param>
    Task<IReadOnlyList<Rollout>> RolloutsAsync(
        DateTimeOffset since, DateTimeOffset? until, string? @namespace, int limit, CancellationToken cancellationToken);

    /// <summary>Of one workload, newest first.</summary>
    Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<ContainerId, LastDecision>> LoadDecisionsAsync(CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<ContainerId, Baseline>> LoadBaselinesAsync(CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<ImageReference, ImageState>> LoadImagesAsync(CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<Observation>> ObservationsOfAsync(ImageReference image, CancellationToken cancellationToken);

    /// <summary>Without an entry for a digest whose manifest is not known.</summary>
    Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<PlanSummary>> LatestPlansAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The plan of this id, or the only one whose id starts with the text; else a message.</summary>
    Task<Result<StoredPlan, string>> FindPlanAsync(string idOrPrefix, CancellationToken cancellationToken);
}
