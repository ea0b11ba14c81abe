namespace ImageUpdater.Persistence.Sqlite;

/// <summary>All handwritten SQL, for what EF Core can't express. All other queries are LINQ.</summary>
internal static class Sql
{
    // ---- connection settings. Most apply to the connection and are not stored in the file.

    /// <summary>
    /// Must be set before the first table is created; later only a VACUUM of the whole file can. Allows <see cref="GiveBack"/> to return the
    /// space that retention frees.
    /// </summary>
    public const string NewFile = "PRAGMA auto_vacuum = INCREMENTAL";

    /// <summary>
    /// synchronous = FULL, because committed intents and audit records must survive a power failure; otherwise a workload could be restarted
    /// twice. The write-ahead log allows reads during a write. The last result is the journal mode in effect.
    /// </summary>
    public static readonly string Writer =
        FormattableString.Invariant($"PRAGMA busy_timeout = {Connections.BusySeconds * 1000}; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL");

    /// <summary>Returns free pages to the file system, one page per result row that is read. Not allowed in a transaction.</summary>
    public const string GiveBack = "PRAGMA incremental_vacuum";

    /// <summary>
    /// Applies the write-ahead log to the database file, which only then becomes smaller, and empties it: it would otherwise stay as large as the largest
    /// transaction. Waits for readers up to the busy timeout of <see cref="Writer"/>; what they keep it from is left to the next run.
    /// </summary>
    public const string EmptyLog = "PRAGMA wal_checkpoint(TRUNCATE)";

    // ---- triggers that protect the audit, also from other programs. EF Core's model has no triggers.

    /// <summary>
    /// Rejects updates of audit records, and deletes except by retention: it first stores its cutoff in the table retention, and may then delete
    /// older records, but never the newest one of a workload that is still known. Executed whenever the store is opened for writing, because a migration that
    /// recreates the table drops its triggers.
    /// </summary>
    public const string ProtectAudit = """
        CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit
        BEGIN
          SELECT RAISE(ABORT, 'the audit is append-only: records cannot be changed');
        END;
        CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit
        WHEN NOT EXISTS (SELECT 1 FROM retention WHERE before > OLD.at)
        BEGIN
          SELECT RAISE(ABORT, 'the audit is append-only: only retention can delete records, and only old ones');
        END;
        CREATE TRIGGER IF NOT EXISTS audit_keep_newest BEFORE DELETE ON audit
        WHEN OLD.id = (SELECT max(id) FROM audit WHERE workload_uid = OLD.workload_uid) AND EXISTS (SELECT 1 FROM workloads WHERE uid = OLD.workload_uid)
        BEGIN
          SELECT RAISE(ABORT, 'the newest audit record of a workload cannot be deleted');
        END;
        """;

    public const string MissingTriggers = """
        SELECT column1 FROM (VALUES ('audit_no_update'), ('audit_no_delete'), ('audit_keep_newest'))
        WHERE column1 NOT IN (SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit')
        """;

    // ---- inspection of an existing file before EF Core opens it: EF Core would treat any SQLite file as a store without tables.

    public const string Tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

    public const string AppliedMigrations = "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY \"MigrationId\"";

    /// <summary>Removes the lock of a process that was killed while migrating; EF Core would wait for it forever.</summary>
    public const string UnlockMigrations = "DELETE FROM \"__EFMigrationsLock\"";

    // ---- integrity checks and backup.

    public const string QuickCheck = "PRAGMA quick_check(1)";

    public const string IntegrityCheck = "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'";

    public const string ForeignKeyCheck = "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' to ' || parent FROM pragma_foreign_key_check";

    public const string Backup = "VACUUM INTO $path";
}
