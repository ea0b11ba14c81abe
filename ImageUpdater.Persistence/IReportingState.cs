using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence;

/// <summary>Read-only queries for reports, the HTTP API and commands.</summary>
public interface IReportingState
{
    /// <summary>Audit records, newest first.</summary>
    Task<IReadOnlyList<AuditRecord>> AuditAsync(AuditFilter filter, CancellationToken cancellationToken);

    /// <summary>Rollouts that were running at any time from <paramref name="since"/> (inclusive) to <paramref name="until"/> (exclusive), newest first.</summary>
    /// <param name="namespace">Null for all namespaces.</param>
    Task<IReadOnlyList<Rollout>> RolloutsAsync(
        DateTimeOffset since, DateTimeOffset? until, string? @namespace, int limit, CancellationToken cancellationToken);

    /// <summary>The rollouts of one workload, newest first.</summary>
    Task<IReadOnlyList<Rollout>> RolloutsOfAsync(string uid, int limit, CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<ContainerId, LastDecision>> LoadDecisionsAsync(CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<ContainerId, Baseline>> LoadBaselinesAsync(CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<ObservedImage, ImageState>> LoadImagesAsync(CancellationToken cancellationToken);

    /// <summary>The observations of an image, newest first.</summary>
    Task<IReadOnlyList<Observation>> ObservationsOfAsync(ObservedImage image, CancellationToken cancellationToken);

    /// <summary>The stored manifests of these digests; digests without a stored manifest are left out.</summary>
    Task<IReadOnlyDictionary<Digest, Manifest>> LoadManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken);

    /// <summary>Plans, newest first.</summary>
    Task<IReadOnlyList<PlanSummary>> LatestPlansAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The plan with this id or with the only id that starts with the text; else an error message.</summary>
    Task<Result<StoredPlan, string>> FindPlanAsync(string idOrPrefix, CancellationToken cancellationToken);
}
