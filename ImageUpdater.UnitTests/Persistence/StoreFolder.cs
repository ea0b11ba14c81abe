using ImageUpdater.Core;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Sqlite;
using ImageUpdater.Persistence.Store;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>A temporary folder with a real store file.</summary>
internal sealed class StoreFolder : IDisposable
{
    public StoreFolder()
    {
        Folder = Directory.CreateTempSubdirectory("imageupdater-store-").FullName;
    }

    public string Folder { get; }

    public ManualTimeProvider Time { get; } = new(Samples.Noon);

    public string StorePath => Path.Combine(Folder, "state.db");

    public Task<Result<StateStore, StateStoreRefusal>> TryOpenAsync(
        StateStoreAccess access = StateStoreAccess.ReadWrite, string holder = "the test", string? path = null) =>
        StateStore.OpenAsync(new StateStoreOptions { Path = path ?? StorePath, Access = access, Holder = holder }, Time, CancellationToken.None);

    public async Task<StateStore> OpenAsync(StateStoreAccess access = StateStoreAccess.ReadWrite)
    {
        var result = await TryOpenAsync(access);
        Assert.True(result.IsSuccess(out var store, out var refusal), refusal?.Message);
        return store;
    }

    public async Task<StateStoreRefusal> RefusalAsync(StateStoreAccess access = StateStoreAccess.ReadWrite, string? path = null)
    {
        var result = await TryOpenAsync(access, path: path);
        Assert.False(result.IsSuccess(out var store, out var refusal), "the store was opened");
        Assert.Null(store);
        AssertMessage(refusal.Message);
        return refusal;
    }

    /// <summary>Executes SQL from outside, as a sqlite3 shell could.</summary>
    public void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={StorePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The number of committed rows of each table.</summary>
    public IReadOnlyDictionary<string, long> RowCounts(string? path = null)
    {
        using var connection = new SqliteConnection($"Data Source={path ?? StorePath};Pooling=False");
        connection.Open();
        return connection.Texts(Sql.Tables).Where(table => !table.StartsWith("__EF", StringComparison.Ordinal))
            .ToDictionary(table => table, table => long.Parse(connection.Texts($"SELECT CAST(count(*) AS TEXT) FROM \"{table}\"")[0]), StringComparer.Ordinal);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static void AssertMessage(string message)
    {
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("Exception", message, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite Error", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 10, 400);
    }
}
