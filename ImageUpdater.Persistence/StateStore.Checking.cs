using ImageUpdater.Core;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    private const int MostProblemsOfOneKind = 10;

    // Each finds, by what the store promises, what should not be there; the sentence is put before what was found.
    private static readonly (string Sentence, string Sql)[] Promises =
    [
        ("the file is damaged", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
        ("a row refers to one that is missing", "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' to ' || parent FROM pragma_foreign_key_check"),
        ("the audit is not protected, a trigger is missing", """
            SELECT column1 FROM (VALUES ('audit_no_update'), ('audit_no_delete'), ('audit_keep_newest'))
            WHERE column1 NOT IN (SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit')
            """),
        ("a patch has more than one audit record, rollout", """
            SELECT rollout_id FROM audit WHERE action = 'Restarted' AND rollout_id IS NOT NULL GROUP BY rollout_id HAVING count(*) > 1
            """),
        ("a patch has no audit record, rollout", """
            SELECT id FROM rollouts
            WHERE state NOT IN ('Intended', 'NotApplied') AND started_at >= coalesce((SELECT before FROM retention), 0)
              AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.rollout_id = rollouts.id AND action = 'Restarted')
            """),
        ("a workload has more than one running rollout, uid", """
            SELECT workload_uid FROM rollouts WHERE state = 'Running' GROUP BY workload_uid HAVING count(*) > 1
            """),
        ("a running rollout has no baseline, rollout", """
            SELECT id FROM rollouts
            WHERE state = 'Running' AND NOT EXISTS (SELECT 1 FROM baselines WHERE baselines.workload_uid = rollouts.workload_uid)
            """),
        ("a rollout's end does not fit its state, rollout", """
            SELECT id || ' (' || state || ')' FROM rollouts WHERE (state IN ('Intended', 'Running')) = (ended_at IS NOT NULL)
            """),
        ("an image's digest is not the one observed last, image", """
            SELECT registry || '/' || repository || ':' || tag FROM images
            WHERE digest IS NOT (SELECT digest FROM observations WHERE image_id = images.id ORDER BY id DESC LIMIT 1)
            """),
    ];

    /// <summary>Looks through the whole store.</summary>
    /// <returns>One sentence for each problem; none when all is well.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var problems = new List<string>();
        try
        {
            using var connection = connections.OpenReader();
            foreach (var (sentence, sql) in Promises)
            {
                cancellationToken.ThrowIfCancellationRequested();
                problems.AddRange(connection.Texts(sql).Take(MostProblemsOfOneKind).Select(found => $"{sentence}: {OutsideText.Bound(found)}"));
            }

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
