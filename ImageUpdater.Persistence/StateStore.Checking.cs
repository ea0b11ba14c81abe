using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    private const int MostProblemsOfOneKind = 10;

    // What SQLite itself can tell.
    private static readonly (string Sentence, string Sql)[] OfTheFile =
    [
        ("the file is damaged", Sql.IntegrityCheck),
        ("a row refers to one that is missing", Sql.ForeignKeyCheck),
        ("the audit is not protected, a trigger is missing", Sql.MissingTriggers),
    ];

    // Each finds, by what the store promises, what should not be there; the sentence is put before what was found.
    private static readonly (string Sentence, Func<StateContext, IQueryable<string>> Broken)[] Promises =
    [
        ("a patch has more than one audit record, rollout", context => context.Audit
            .Where(record => record.Action == AuditAction.Restarted && record.RolloutId != null)
            .GroupBy(record => record.RolloutId!).Where(records => records.Count() > 1).Select(records => records.Key)),
        ("a patch has no audit record, rollout", context => context.Rollouts
            .Where(rollout => rollout.State != RolloutState.Intended && rollout.State != RolloutState.NotApplied
                && !context.Retention.Any(cleared => cleared.Before > rollout.StartedAt)
                && !context.Audit.Any(record => record.RolloutId == rollout.Id && record.Action == AuditAction.Restarted))
            .Select(rollout => rollout.Id)),
        ("a workload has more than one running rollout, uid", context => context.Rollouts
            .Where(rollout => rollout.State == RolloutState.Running)
            .GroupBy(rollout => rollout.WorkloadUid).Where(rollouts => rollouts.Count() > 1).Select(rollouts => rollouts.Key)),
        ("a running rollout has no baseline, rollout", context => context.Rollouts
            .Where(rollout => rollout.State == RolloutState.Running && !context.Baselines.Any(baseline => baseline.WorkloadUid == rollout.WorkloadUid))
            .Select(rollout => rollout.Id)),
        ("a rollout's end does not fit its state, rollout", context => context.Rollouts
            .Where(rollout => (rollout.State == RolloutState.Intended || rollout.State == RolloutState.Running) == (rollout.EndedAt != null))
            .Select(rollout => rollout.Id)),
        ("an image's digest is not the one observed last, image", context => context.Images
            .Where(image => image.Digest != image.Observations.OrderByDescending(seen => seen.Id).Select(seen => seen.Digest).FirstOrDefault())
            .Select(image => image.Registry + "/" + image.Repository + ":" + image.Tag)),
    ];

    /// <summary>Looks through the whole store.</summary>
    /// <returns>One sentence for each problem; none when all is well.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var problems = new List<string>();
        try
        {
            using (var connection = connections.OpenReader())
            {
                foreach (var (sentence, sql) in OfTheFile)
                    Add(sentence, connection.Texts(sql).Take(MostProblemsOfOneKind));
            }

            foreach (var (sentence, broken) in Promises)
                Add(sentence, await ReadAsync(context => broken(context).Take(MostProblemsOfOneKind).ToListAsync(cancellationToken)));
            await ReadEverythingAsync(cancellationToken);
        }
        catch (StateStoreException exception)
        {
            problems.Add(exception.Sentence);
        }
        catch (SqliteException exception) when (SqliteTrouble.Of(exception, Path) is { } trouble)
        {
            problems.Add(trouble.Sentence);
        }

        return problems;

        void Add(string sentence, IEnumerable<string> found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            problems.AddRange(found.Select(one => $"{sentence}: {OutsideText.Bound(one)}"));
        }
    }

    private async Task ReadEverythingAsync(CancellationToken cancellationToken)
    {
        // What is remembered may well be whole where the file is not any more.
        rememberedImages.Changed();
        BooksChanged();
        await LoadImagesAsync(cancellationToken);
        await LoadBaselinesAsync(cancellationToken);
        await LoadDecisionsAsync(cancellationToken);
        await RolloutsAsync(rows => rows, cancellationToken);
        await ReadAsync(async context =>
        {
            await context.Observations.LoadAsync(cancellationToken);
            await context.PlanChanges.LoadAsync(cancellationToken);
            await foreach (var row in context.Manifests.AsAsyncEnumerable().WithCancellation(cancellationToken))
                _ = row.ToManifest();
            await foreach (var row in context.Audit.AsAsyncEnumerable().WithCancellation(cancellationToken))
                _ = row.ToRecord();
            return true;
        });
    }
}
