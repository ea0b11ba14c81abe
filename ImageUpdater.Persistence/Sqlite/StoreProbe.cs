using ImageUpdater.Core;
using ImageUpdater.Persistence.Model;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>What lies at the path, found out without writing to it.</summary>
/// <param name="Pending">Migrations that this version knows and the file has not had.</param>
internal sealed record StoreProbe(bool Exists, IReadOnlyList<string> Pending)
{
    // Checking takes a few hundred milliseconds per 100 MB; above this, image-updater state check does it.
    private const long LargestChecked = 64 * 1024 * 1024;

    public static Result<StoreProbe, StateStoreRefusal> Look(string path, Connections connections)
    {
        string[] known;
        using (var context = new StateContext(connections.Reading))
            known = [.. context.Database.GetMigrations()];

        if (Directory.Exists(path))
            return new StateStoreRefusal($"{path} is a folder: give the path of a file", StateStoreProblem.NotAStore);

        var file = new FileInfo(path);
        if (!file.Exists || file.Length == 0)
            return new StoreProbe(Exists: false, known);

        try
        {
            using var connection = connections.OpenReader();
            return Look(connection, path, file.Length, known);
        }
        catch (SqliteException exception) when (SqliteTrouble.Of(exception, path) is { } trouble)
        {
            return trouble;
        }
    }

    private static Result<StoreProbe, StateStoreRefusal> Look(SqliteConnection connection, string path, long size, string[] known)
    {
        var tables = connection.Texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
        var applied = tables.Contains("__EFMigrationsHistory")
            ? connection.Texts("SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY \"MigrationId\"")
            : [];

        // A process killed in its first migration leaves EF's own two tables, and nothing of ours yet.
        if (applied.Count == 0 && tables.All(table => table.StartsWith("__EFMigrations", StringComparison.Ordinal)))
            return new StoreProbe(Exists: false, known);
        if (!applied.Contains(known[0]))
            return new StateStoreRefusal($"{path} is not a state store: it is an SQLite database of something else", StateStoreProblem.NotAStore);
        if (applied.Except(known).ToList() is [.., var newest])
        {
            return new StateStoreRefusal(
                $"{path} was written by a newer version of image-updater (its schema has {OutsideText.Bound(newest)}): run that version, or put an older backup in its place",
                StateStoreProblem.NewerSchema);
        }

        if (size <= LargestChecked && connection.Texts("PRAGMA quick_check(1)") is [var answer, ..] && answer != "ok")
            return SqliteTrouble.Damaged(path, OutsideText.Bound(answer.ReplaceLineEndings(" ")));

        return new StoreProbe(Exists: true, [.. known.Except(applied)]);
    }
}
