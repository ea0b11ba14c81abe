using ImageUpdater.Core;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>Inspects the file at the path without writing to it.</summary>
/// <param name="Pending">Migrations that have not been applied to the file.</param>
/// <param name="IsMigrationLocked">Whether EF Core's migration lock exists; perhaps a process was killed while migrating.</param>
internal sealed record StoreProbe(bool Exists, IReadOnlyList<string> Pending, bool IsMigrationLocked = false)
{
    // Checking takes a few hundred milliseconds per 100 MB; above this, image-updater state check does it.
    private const long LargestChecked = 64 * 1024 * 1024;

    // Tables that every schema version has.
    private static readonly string[] OwnTables = ["audit", "baselines", "rollouts"];

    public static Result<StoreProbe, StateStoreRefusal> Inspect(string path, Connections connections)
    {
        string[] known;
        using (var context = connections.Reading())
            known = [.. context.Database.GetMigrations()];

        if (Directory.Exists(path))
            return new StateStoreRefusal($"{path} is a folder; use the path of a file", StateStoreProblem.NotAStore);

        var file = new FileInfo(path);
        if (!file.Exists || file.Length == 0)
            return new StoreProbe(Exists: false, known);

        try
        {
            using var connection = connections.OpenReader();
            return Inspect(connection, path, file.Length, known);
        }
        catch (SqliteException exception) when (SqliteTrouble.Of(exception, path) is { } trouble)
        {
            return trouble;
        }
    }

    /// <summary>Why the file can't be opened read-only; null if it can.</summary>
    public StateStoreRefusal? RefuseReading(string path) => this switch
    {
        { Exists: false } => new($"no state at {path} yet; run image-updater run or image-updater plan first", StateStoreProblem.NoState),
        { Pending.Count: > 0 } =>
            new($"{path} was written by an older version; run image-updater run or image-updater plan once to upgrade it", StateStoreProblem.OlderSchema),
        _ => null,
    };

    private static Result<StoreProbe, StateStoreRefusal> Inspect(SqliteConnection connection, string path, long size, string[] known)
    {
        var tables = connection.Texts(Sql.Tables);
        var applied = tables.Contains("__EFMigrationsHistory") ? connection.Texts(Sql.AppliedMigrations) : [];
        var locked = tables.Contains("__EFMigrationsLock");

        // A process killed during the first migration leaves only EF Core's two tables.
        if (applied.Count == 0 && tables.All(table => table.StartsWith("__EFMigrations", StringComparison.Ordinal)))
            return new StoreProbe(Exists: false, known, locked);
        if (!applied.Contains(known[0]) && !OwnTables.All(tables.Contains))
            return new StateStoreRefusal($"{path} is not a state store: it is an SQLite database of another program", StateStoreProblem.NotAStore);
        if (applied.Except(known).ToList() is [.., var newest])
            return RefuseUnknown(path, newest, known);
        if (size <= LargestChecked && connection.Texts(Sql.QuickCheck) is [var answer, ..] && answer != "ok")
            return SqliteTrouble.Damaged(path, UntrustedText.Bound(answer.ReplaceLineEndings(" ")));

        return new StoreProbe(Exists: true, [.. known.Except(applied)], locked);
    }

    // Migrations are named after their creation time. Until the first release there is only one, which is recreated with
    // every change of the model.
    private static StateStoreRefusal RefuseUnknown(string path, string newest, string[] known) => string.CompareOrdinal(newest, known[0]) < 0
        ? new($"{path} was written by an unreleased version of image-updater, which is not supported; move the file away and start again (only the history is lost)", StateStoreProblem.UnreleasedSchema)
        : new(
            $"{path} was written by a newer version of image-updater (its schema has {UntrustedText.Bound(newest)}); run that version, or restore an older backup",
            StateStoreProblem.NewerSchema);
}
