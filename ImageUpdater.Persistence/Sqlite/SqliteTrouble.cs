using ImageUpdater.Core;
using ImageUpdater.Persistence.Model;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>Maps SQLite's result codes (sqlite.org/rescode.html) to messages. Other codes are bugs in this program and remain exceptions.</summary>
internal static class SqliteTrouble
{
    private const int Perm = 3;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;
    private const int ReadOnlyMoved = 1032;

    public static StateStoreRefusal? Of(Exception exception, string path)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SqliteException sqlite:
                    return Of(sqlite.SqliteErrorCode, sqlite.SqliteExtendedErrorCode, path);
                case UnreadableRecordException record:
                    return new(
                        $"{record.Record} in {path} has a value that this version can't read ({UntrustedText.Bound(record.Message, 120)}); all other records are unaffected. Use the version that wrote it, or restore a backup",
                        StateStoreProblem.UnreadableRecord);
                case UnreadableValueException:
                    return new(
                        $"{path} contains a value that this version can't read ({UntrustedText.Bound(cause.Message, 120)}); run image-updater state check to find it, then the version that wrote it, or restore a backup",
                        StateStoreProblem.UnreadableValue);
            }
        }

        return null;
    }

    public static StateStoreRefusal DiskFull(string path) =>
        new($"the volume of {path} is full: nothing is applied until there is space; free some or enlarge the volume", StateStoreProblem.DiskFull);

    public static StateStoreRefusal Damaged(string path, string detail) =>
        new($"{path} is damaged ({detail}); restore a backup, or move the file away to start with an empty state", StateStoreProblem.Damaged);

    public static StateStoreRefusal Gone(string path) => new(
        $"{path} was moved or deleted while it was in use: nothing is applied until it is back; restart image-updater to start with an empty state",
        StateStoreProblem.InputOutput);

    private static StateStoreRefusal? Of(int code, int extended, string path) => code switch
    {
        Full => DiskFull(path),
        // On a full disk, growing the shared memory file or the journal fails with these codes instead of SQLITE_FULL.
        InputOutput or CannotOpen when Volume.IsFull(path) => DiskFull(path),
        ReadOnly when extended == ReadOnlyMoved => Gone(path),
        ReadOnly =>
            new($"{path} can't be written: nothing is applied until it can; check its permissions and whether its volume is mounted read-only", StateStoreProblem.ReadOnly),
        Perm => new($"{path} can't be opened: permission denied; check its permissions", StateStoreProblem.NoPermission),
        CannotOpen =>
            new($"{path} can't be opened; check its permissions, those of its folder and of the files {Path.GetFileName(path)}-wal and -shm", StateStoreProblem.NoPermission),
        InputOutput => new($"{path} can't be read or written (input/output error {extended}): nothing is applied until it can; check its volume", StateStoreProblem.InputOutput),
        Busy or Locked => new($"{path} is locked by another program; close the program that has it open, for example a sqlite3 shell", StateStoreProblem.InUse),
        Corrupt => Damaged(path, "the database file is malformed"),
        NotADatabase => new($"{path} is not a state store: it is not an SQLite database", StateStoreProblem.NotAStore),
        _ => null,
    };
}
