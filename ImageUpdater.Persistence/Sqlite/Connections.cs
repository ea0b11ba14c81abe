using ImageUpdater.Persistence.Model;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using SQLitePCL;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>
/// One connection that writes and as many as are asked for that read. Only the writer ever checkpoints: SQLite before
/// 3.51.3 can corrupt a store on which two connections do so at once, and a connection opened for reading never does.
/// </summary>
internal sealed class Connections : IDisposable
{
    // Only another program on the same file makes anyone wait.
    private const int BusySeconds = 10;

    private readonly string path;
    private readonly PooledDbContextFactory<StateContext> reading;
    private SqliteConnection? writer;
    private PooledDbContextFactory<StateContext>? writing;

    public Connections(string path)
    {
        this.path = path;
        reading = Contexts(options => options.UseSqlite(ReadText(pooled: true)).UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));
    }

    /// <summary>Opened at the first use, and again at the first use after <see cref="ReopenWriter"/>.</summary>
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

        // Last, so that it is the one that folds the write-ahead log into the file.
        writer?.Dispose();
    }

    // What is ignored is the same for both, or EF has two sets of services, each with a model of its own. The warning is left to a test: at a first
    // start it would take one model more.
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
            // A file that takes no writes is opened all the same, and would only say so at the first of them.
            if (raw.sqlite3_db_readonly(connection.Handle, "main") == 1)
                throw new SqliteException("the file is read-only", raw.SQLITE_READONLY);

            // First, because setting the journal mode writes to the file, which is then no longer new.
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
