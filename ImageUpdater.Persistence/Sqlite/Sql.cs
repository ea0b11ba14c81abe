namespace ImageUpdater.Persistence.Sqlite;

/// <summary>All SQL that is written by hand: what EF Core has no words for. Everything else is LINQ over the model.</summary>
internal static class Sql
{
    // ---- settings of a connection. SQLite keeps most of them in the connection, not in the file.

    /// <summary>
    /// Before the first table, or never: afterwards only a VACUUM of the whole file would turn it on. With it the room that retention frees
    /// is given back in small steps (<see cref="GiveBack"/>).
    /// </summary>
    public const string NewFile = "PRAGMA auto_vacuum = INCREMENTAL";

    /// <summary>
    /// FULL: what the audit and the intent say must outlast a power cut, or a restart could be done twice. The write-ahead log lets readers
    /// go on beside the writer; the answer is the journal mode that was taken.
    /// </summary>
    public const string Writer = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL";

    /// <summary>Hands free pages back to the file system: one with each row that is read. Not in a transaction.</summary>
    public const string GiveBack = "PRAGMA incremental_vacuum";

    // ---- the audit cannot be rewritten, by a shell on the volume either. EF has no triggers in its model.

    /// <summary>
    /// The audit says what was done and why, so that nothing may rewrite it. Records leave it in one way only: retention first writes down
    /// how far back it clears (table retention), then deletes what is older than that, and never the newest record of a workload. Executed at
    /// every opening for writing, because SQLite drops the triggers of a table that a migration recreates.
    /// </summary>
    public const string ProtectAudit = """
        CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit
        BEGIN
          SELECT RAISE(ABORT, 'the audit is append-only: a record is never changed');
        END;
        CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit
        WHEN NOT EXISTS (SELECT 1 FROM retention WHERE before > OLD.at)
        BEGIN
          SELECT RAISE(ABORT, 'the audit is append-only: only retention deletes records, and only old ones');
        END;
        CREATE TRIGGER IF NOT EXISTS audit_keep_newest BEFORE DELETE ON audit
        WHEN OLD.id = (SELECT max(id) FROM audit WHERE workload_uid = OLD.workload_uid)
        BEGIN
          SELECT RAISE(ABORT, 'the newest audit record of a workload always stays');
        END;
        """;

    public const string MissingTriggers = """
        SELECT column1 FROM (VALUES ('audit_no_update'), ('audit_no_delete'), ('audit_keep_newest'))
        WHERE column1 NOT IN (SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit')
        """;

    // ---- what lies at a path, asked before EF may touch it: EF would take any SQLite file for a store without tables.

    public const string Tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

    public const string AppliedMigrations = "SELECT \"MigrationId\" FROM \"__EFMigrationsHistory\" ORDER BY \"MigrationId\"";

    /// <summary>A process that is killed while it migrates leaves its row, and everybody after it would wait for ever.</summary>
    public const string UnlockMigrations = "DELETE FROM \"__EFMigrationsLock\"";

    // ---- SQLite's own checks and its backup.

    public const string QuickCheck = "PRAGMA quick_check(1)";

    public const string IntegrityCheck = "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'";

    public const string ForeignKeyCheck = "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ' to ' || parent FROM pragma_foreign_key_check";

    public const string Backup = "VACUUM INTO $path";
}
