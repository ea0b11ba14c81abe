using ImageUpdater.Persistence.Model;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using SQLitePCL;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>
/// One writing connection and any number of read-only ones. Only the writing connection runs checkpoints: SQLite before 3.51.3 can corrupt a
/// database if two connections run one at the same time.
/// </summary>
internal sealed class Connections : IDisposable
{
    /// <summary>
    /// How long SQLite waits for a lock, which only another program has, for example a sqlite3 shell: longer than its statements take, and short enough for
    /// a stop within the grace period. Microsoft.Data.Sqlite repeats what SQLite reports as busy for as long; it is not told of a checkpoint that is.
    /// </summary>
    public const int BusySeconds = 5;

    private readonly string path;
    private readonly PooledDbContextFactory<StateContext> reading;
    private SqliteConnection? writer;
    private PooledDbContextFactory<StateContext>? writing;

    public Connections(string path)
    {
        this.path = path;
        reading = Contexts(options => options.UseSqlite(ReadText(pooled: true)).UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));
    }

    /// <summary>The writing connection. Opened at the first use, also after <see cref="ReopenWriter"/>.</summary>
    public SqliteConnection Writer => writer ??= OpenWriter(SqliteOpenMode.ReadWrite);

    public StateContext Reading() => reading.CreateDbContext();

    public StateContext Writing() => (writing ??= Contexts(options => options.UseSqlite(Writer))).CreateDbContext();

    public void CreateWriter() => writer = OpenWriter(SqliteOpenMode.ReadWriteCreate);

    public void ReopenWriter()
    {
        writer?.Dispose();
        (writer, writing) = (null, null);
    }

    public SqliteConnection OpenReader() => Opened(ReadText(pooled: false));

    public void Dispose()
    {
        using (var pooled = new SqliteConnection(ReadText(pooled: true)))
            SqliteConnection.ClearPool(pooled);

        // Last, because the last connection to close moves the write-ahead log into the database file.
        writer?.Dispose();
    }

    // The same ignored warnings for both, because EF Core creates services and a model for each distinct set. PendingModelChangesWarning is ignored
    // because checking for it builds another model at startup; a test checks it instead.
    private static PooledDbContextFactory<StateContext> Contexts(Action<DbContextOptionsBuilder<StateContext>> on)
    {
        var options = new DbContextOptionsBuilder<StateContext>().ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
        on(options);
        return new PooledDbContextFactory<StateContext>(options.Options);
    }

    private string ReadText(bool pooled) => Text(SqliteOpenMode.ReadOnly, pooled);

    private string Text(SqliteOpenMode mode, bool pooled) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = mode,
        Pooling = pooled,
        DefaultTimeout = BusySeconds,
        ForeignKeys = mode == SqliteOpenMode.ReadOnly ? null : true,
    }.ToString();

    private SqliteConnection OpenWriter(SqliteOpenMode mode)
    {
        var connection = Opened(Text(mode, pooled: false));
        try
        {
            // SQLite opens a file that is not writable without an error, and would fail at the first write.
            if (raw.sqlite3_db_readonly(connection.Handle, "main") == 1)
                throw new SqliteException("the file is read-only", raw.SQLITE_READONLY);

            // Before Sql.Writer: setting the journal mode writes to the file, and auto_vacuum can only be set in an empty one.
            connection.Execute(Sql.NewFile);
            if (connection.Texts(Sql.Writer)[^1] != "wal")
                throw new SqliteException("the write-ahead log can't be used", raw.SQLITE_IOERR);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SqliteConnection Opened(string text)
    {
        var connection = new SqliteConnection(text);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
