using ImageUpdater.Core;
using ImageUpdater.Core.Plans;
using ImageUpdater.Http;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using ImageUpdater.Reports;

namespace ImageUpdater.Host.Commands;

internal sealed record StoredPlanChoice(string Id, bool IsApplied, RolloutPlan Plan);

/// <summary>Finds a plan made earlier, in the store or in a file.</summary>
internal static class StoredPlans
{
    // A character of a plan takes at most three bytes.
    private const long MaxFileBytes = 3L * PlanJson.MaxLength;

    public static async Task<Result<StoredPlanChoice, string>> FindAsync(StateStore store, string idOrFile, CancellationToken cancellationToken)
    {
        if (File.Exists(idOrFile))
            return await FromFileAsync(store, idOrFile, cancellationToken);

        var found = await store.Reporting.FindPlanAsync(idOrFile, cancellationToken);
        if (!found.IsSuccess(out var stored, out var problem))
            return LooksLikeFile(idOrFile) ? $"plan file '{idOrFile}' not found; write one with image-updater plan --out" : problem;

        return new StoredPlanChoice(stored.Summary.Id, stored.Summary.Status == PlanStatus.Applied, stored.Plan);
    }

    /// <summary>Does nothing for a plan from a file that is not in this store.</summary>
    public static async Task MarkAsync(StateStore store, string id, PlanStatus status, CancellationToken cancellationToken)
    {
        if ((await store.Reporting.FindPlanAsync(id, cancellationToken)).Value is { } stored && stored.Summary.Id == id)
            await store.Planning.SetPlanStatusAsync(id, status, cancellationToken);
    }

    private static bool LooksLikeFile(string text) => text.AsSpan().ContainsAny('/', '\\', '.');

    private static async Task<Result<StoredPlanChoice, string>> FromFileAsync(StateStore store, string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length > MaxFileBytes)
            return $"'{path}' is too large for a plan";
        if (!LocalFile.ReadText(path).IsSuccess(out var text, out var unread))
            return $"the plan {unread.Message}";
        if (!PlanJson.Read(text).IsSuccess(out var document, out var problem))
            return $"'{path}': {problem}";

        var known = (await store.Reporting.FindPlanAsync(document.Id, cancellationToken)).Value;
        return new StoredPlanChoice(document.Id, known is { Summary.Status: PlanStatus.Applied } && known.Summary.Id == document.Id, document.Plan);
    }
}
