using System.Linq.Expressions;
using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence.Database;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Upkeep;

/// <summary>Checks the integrity of the file and the invariants of its content.</summary>
internal sealed class Consistency(StateDatabase database)
{
    private const int MostProblemsOfOneKind = 10;

    // Checks that SQLite has.
    private static readonly (string Message, string Sql)[] OfTheFile =
    [
        ("the file is damaged", Sql.IntegrityCheck),
        ("a row refers to a missing row", Sql.ForeignKeyCheck),
        ("the audit log is not protected: a trigger is missing", Sql.MissingTriggers),
    ];

    // Each query returns the violations of an invariant, which are appended to the message.
    private static readonly (string Message, Func<StateContext, IQueryable<string>> Broken)[] Promises =
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
            // Unless state forget has deleted them since, which only a record about the whole workload says.
            .Where(rollout => rollout.State == RolloutState.Running && !context.Baselines.Any(baseline => baseline.WorkloadUid == rollout.WorkloadUid)
                && !context.Audit.Any(record => record.WorkloadUid == rollout.WorkloadUid && record.Action == AuditAction.DecisionChanged && record.Container == null && record.At >= rollout.StartedAt))
            .Select(rollout => rollout.Id)),
        ("a rollout's end does not fit its state, rollout", context => context.Rollouts
            .Where(rollout => (rollout.State == RolloutState.Intended || rollout.State == RolloutState.Running) == (rollout.EndedAt != null))
            .Select(rollout => rollout.Id)),
        ("an image's digest is not the one observed last, image", context => context.Images
            .Where(image => image.Digest != image.Observations.OrderByDescending(seen => seen.Id).Select(seen => seen.Digest).FirstOrDefault())
            .Select(image => image.Registry + "/" + image.Repository + ":" + image.Tag + (image.Reader == "" ? "" : " of namespace " + image.Reader))),
        ("an audit record's number is above the counter, record", context => context.Audit
            .Where(record => !context.AuditCounter.Any(counter => counter.Last >= record.Id))
            .OrderBy(record => record.Id).Select(record => record.Id.ToString())),
        ("a cursor is beyond the end of the audit log, reader", context => context.Cursors
            .Where(cursor => cursor.Position > 0 && !context.AuditCounter.Any(counter => counter.Last >= cursor.Position))
            .Select(cursor => cursor.Reader)),
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        try
        {
            using (var connection = database.OpenReader())
            {
                foreach (var (message, sql) in OfTheFile)
                    Add(message, connection.Texts(sql).Take(MostProblemsOfOneKind));
            }

            foreach (var (message, broken) in Promises)
                Add(message, await database.ReadAsync(context => broken(context).Take(MostProblemsOfOneKind).ToListAsync(cancellationToken)));
            await ReadEverythingAsync(problems, cancellationToken);
        }
        catch (StateStoreException exception)
        {
            problems.Add(exception.Message);
        }
        catch (SqliteException exception) when (SqliteTrouble.Of(exception, database.Path) is { } trouble)
        {
            problems.Add(trouble.Message);
        }

        return problems;

        void Add(string message, IEnumerable<string> found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            problems.AddRange(found.Select(one => $"{message}: {UntrustedText.Bound(one)}"));
        }
    }

    // Reads the file rather than the cached values, which may be intact although the file is damaged.
    private Task<bool> ReadEverythingAsync(List<string> problems, CancellationToken cancellationToken) => database.ReadAsync(async context =>
    {
        await EachAsync(context.Images, row => row.Registry + "/" + row.Repository + ":" + row.Tag, row => row.ToState());
        await EachAsync(context.Observations, row => row.Id.ToString(), row => row.Digest);
        await EachAsync(context.Manifests, row => (string)(object)row.Digest, row => row.ToManifest());
        await EachAsync(context.ManifestReads, row => (string)(object)row.Image, row => row.ToRead());
        await EachAsync(context.Baselines, row => row.WorkloadUid + " " + row.Container, row => row.ToBaseline());
        await EachAsync(context.Decisions.Include(row => row.Workload), row => row.WorkloadUid + " " + row.Container, row => row.ToDecision());
        await EachAsync(context.Plans, row => row.Id, row => row.ToPlan([]));
        await EachAsync(context.PlanWorkloads, row => row.Id.ToString(), row => row.ToPlan());
        await EachAsync(context.PlanContainers, row => row.PlanWorkloadId.ToString() + " " + row.Container, row => row.ToDecision(uid: ""));
        await EachAsync(context.Rollouts, row => row.Id, row => row.ToRollout());
        await EachAsync(context.Quarantine, row => row.RolloutId + " " + row.Container, row => row.ToQuarantined());
        await EachAsync(context.FinalizerRemovals, row => row.WorkloadUid, row => row.ToRemoval());
        await EachAsync(context.Audit, row => row.Id.ToString(), row => row.ToRecord());
        return true;

        async Task EachAsync<TRow, T>(IQueryable<TRow> rows, Expression<Func<TRow, string>> key, Func<TRow, T> read)
            where TRow : class
        {
            var before = problems.Count;
            try
            {
                await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
                    Try(() => read(row), () => NameOf(context, row));
            }
            catch (UnreadableValueException exception)
            {
                // Of a column that is converted when the row is read: what it is of can only be told by reading each row alone.
                problems.RemoveRange(before, problems.Count - before);
                Add(context.Model.FindEntityType(typeof(TRow))!.GetTableName()!, exception);
                var keys = await rows.OrderBy(key).Select(key).ToListAsync(cancellationToken);
                problems.RemoveAt(before);
                foreach (var (index, name) in keys.Index())
                {
                    var row = rows.OrderBy(key).Skip(index).Take(1);
                    Try(() => read(row.Single()), () => UntrustedText.Bound($"{context.Model.FindEntityType(typeof(TRow))!.GetTableName()}, {name}"));
                }
            }

            void Try(Func<T> value, Func<string> nameOf)
            {
                try
                {
                    _ = value();
                }
                catch (UnreadableValueException exception) when (problems.Count - before < MostProblemsOfOneKind)
                {
                    Add(nameOf(), exception);
                }
                catch (UnreadableValueException)
                {
                    // Enough of this table.
                }
            }

            void Add(string row, Exception exception) =>
                problems.Add($"a row has a value that this version can't read: {row}: {UntrustedText.Bound(exception.Message, 120)}");
        }
    });

    private static string NameOf(StateContext context, object row)
    {
        var type = context.Model.FindEntityType(row.GetType())!;
        // What the user knows it by, for example the id of a plan; otherwise its number.
        var known = type.GetIndexes().FirstOrDefault(index => index.IsUnique && index.GetFilter() is null)?.Properties ?? type.FindPrimaryKey()!.Properties;
        var key = known.Select(property => $"{property.Name} {property.PropertyInfo!.GetValue(row)}");
        return UntrustedText.Bound($"{type.GetTableName()}, {string.Join(", ", key)}");
    }
}
