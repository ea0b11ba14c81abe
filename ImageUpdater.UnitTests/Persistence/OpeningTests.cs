using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class OpeningTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Open_NoFolder_MakesIt()
    {
        var path = Path.Combine(folder.Folder, "a", "b", "state.db");

        var result = await folder.TryOpenAsync(path: path);

        Assert.True(result.IsSuccess(out var store, out _));
        await store.DisposeAsync();
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Open_FolderIsAFile_Refuses()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Folder, "file"), "");

        var refusal = await folder.RefusalAsync(path: Path.Combine(folder.Folder, "file", "state.db"));

        Assert.Equal(StateStoreProblem.NoFolder, refusal.Kind);
    }

    [Fact]
    public async Task Open_PathIsAFolder_Refuses()
    {
        Directory.CreateDirectory(folder.StorePath);

        Assert.Equal(StateStoreProblem.NotAStore, (await folder.RefusalAsync()).Kind);
    }

    [Theory]
    [InlineData(StateStoreAccess.ReadWrite)]
    [InlineData(StateStoreAccess.ReadOnly)]
    public async Task Open_NoDatabase_RefusesAndLeavesTheFile(StateStoreAccess access)
    {
        const string Text = "apiVersion: v1, kind: ConfigMap, and more text than a header is long, so that it is read as a page";
        await File.WriteAllTextAsync(folder.StorePath, Text);

        var refusal = await folder.RefusalAsync(access);

        Assert.Equal(StateStoreProblem.NotAStore, refusal.Kind);
        Assert.Equal(Text, await File.ReadAllTextAsync(folder.StorePath));
    }

    [Theory]
    [InlineData(StateStoreAccess.ReadWrite)]
    [InlineData(StateStoreAccess.ReadOnly)]
    public async Task Open_DatabaseOfSomethingElse_RefusesAndLeavesTheFile(StateStoreAccess access)
    {
        folder.Execute("CREATE TABLE bookmarks (url TEXT)");
        var before = await File.ReadAllBytesAsync(folder.StorePath);

        var refusal = await folder.RefusalAsync(access);

        Assert.Equal(StateStoreProblem.NotAStore, refusal.Kind);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.StorePath));
    }

    [Theory]
    [InlineData(StateStoreAccess.ReadWrite)]
    [InlineData(StateStoreAccess.ReadOnly)]
    public async Task Open_NewerVersion_RefusesAndLeavesTheFile(StateStoreAccess access)
    {
        await (await folder.OpenAsync()).DisposeAsync();
        folder.Execute("INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_FromTheFuture', '99.0.0')");
        var before = await File.ReadAllBytesAsync(folder.StorePath);

        var refusal = await folder.RefusalAsync(access);

        Assert.Equal(StateStoreProblem.NewerSchema, refusal.Kind);
        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.StorePath));
    }

    [Theory]
    [InlineData(StateStoreAccess.ReadWrite)]
    [InlineData(StateStoreAccess.ReadOnly)]
    public async Task Open_Malformed_RefusesAndLeavesTheFile(StateStoreAccess access)
    {
        await using (var store = await folder.OpenAsync())
            await store.Observing.RecordChecksAsync([.. Enumerable.Range(0, 300).Select(number => Samples.Served($"r.example/app{number}", $"{number}"))], CancellationToken.None);
        var bytes = await File.ReadAllBytesAsync(folder.StorePath);
        for (var page = 8; page < bytes.Length / 4096; page++)
            Array.Fill<byte>(bytes, 0xA5, page * 4096, 4096);
        await File.WriteAllBytesAsync(folder.StorePath, bytes);

        var refusal = await folder.RefusalAsync(access);

        Assert.Equal(StateStoreProblem.Damaged, refusal.Kind);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(folder.StorePath));
    }

    [Fact]
    public async Task Open_CutShort_RefusesAsDamaged()
    {
        await (await folder.OpenAsync()).DisposeAsync();
        await using (var file = new FileStream(folder.StorePath, FileMode.Open))
            file.SetLength(3 * 4096);

        Assert.Equal(StateStoreProblem.Damaged, (await folder.RefusalAsync()).Kind);
    }

    [Fact]
    public async Task Open_EmptyFile_IsANewStore()
    {
        await File.WriteAllBytesAsync(folder.StorePath, []);

        await using var store = await folder.OpenAsync();

        Assert.Empty(await store.Upkeep.CheckAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Open_WhileOpen_RefusesAndNamesTheHolder()
    {
        var first = await folder.TryOpenAsync(holder: "run, pid 123 on host x");
        Assert.True(first.IsSuccess(out var store, out _));

        var refusal = await folder.RefusalAsync();

        Assert.Equal(StateStoreProblem.InUse, refusal.Kind);
        Assert.Contains("run, pid 123 on host x", refusal.Message, StringComparison.Ordinal);
        await store.DisposeAsync();
        await (await folder.OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Open_AfterRefusal_LockIsFree()
    {
        await File.WriteAllTextAsync(folder.StorePath, "not a database, and longer than sixteen bytes");
        await folder.RefusalAsync();
        File.Delete(folder.StorePath);

        await using var store = await folder.OpenAsync();

        Assert.False(store.IsReadOnly);
    }

    [Fact]
    public async Task OpenReadOnly_NoStore_RefusesAndMakesNothing()
    {
        var refusal = await folder.RefusalAsync(StateStoreAccess.ReadOnly);

        Assert.Equal(StateStoreProblem.NoState, refusal.Kind);
        Assert.StartsWith($"no state at {folder.StorePath} yet", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Folder));
    }

    [Fact]
    public void RefuseReading_MigrationsArePending_SaysWhoBringsItUpToDate()
    {
        var refusal = new StoreProbe(Exists: true, Pending: ["20270101000000_AddSomething"]).RefuseReading("/data/state.db");

        Assert.Equal(StateStoreProblem.OlderSchema, refusal?.Kind);
        StoreFolder.AssertMessage(refusal!.Message);
    }

    [Fact]
    public async Task Open_KilledInTheFirstMigration_Migrates()
    {
        // The state that a process leaves if it is killed during a migration.
        folder.Execute(
            "CREATE TABLE __EFMigrationsHistory (MigrationId TEXT NOT NULL PRIMARY KEY, ProductVersion TEXT NOT NULL); "
            + "CREATE TABLE __EFMigrationsLock (Id INTEGER NOT NULL PRIMARY KEY, Timestamp TEXT NOT NULL); "
            + "INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01')");
        Assert.Equal(StateStoreProblem.NoState, (await folder.RefusalAsync(StateStoreAccess.ReadOnly)).Kind);

        await using var store = await folder.OpenAsync();

        Assert.Empty(await store.Upkeep.CheckAsync(CancellationToken.None));
    }

    [Fact]
    public async Task OpenReadOnly_BesideAWriter_SeesWhatItCommits()
    {
        await using var writer = await folder.OpenAsync();
        await using var reader = await folder.OpenAsync(StateStoreAccess.ReadOnly);

        await writer.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], CancellationToken.None);

        Assert.True(reader.IsReadOnly);
        Assert.Single(await reader.Observing.LoadImagesAsync(CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => reader.Observing.RecordChecksAsync([Samples.Served("nginx", "two")], CancellationToken.None));
    }

    [Fact]
    public async Task OpenReadOnly_NobodyElse_LeavesTheFileAsItIs()
    {
        await using (var writer = await folder.OpenAsync())
            await writer.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], CancellationToken.None);
        var before = await File.ReadAllBytesAsync(folder.StorePath);

        await using (var reader = await folder.OpenAsync(StateStoreAccess.ReadOnly))
            Assert.Single(await reader.Observing.LoadImagesAsync(CancellationToken.None));

        Assert.Equal(before, await File.ReadAllBytesAsync(folder.StorePath));
        // Empty files of the reader: SQLite needs them to read a store in WAL mode, and the next writer reuses them.
        Assert.Equal(["state.db", "state.db-shm", "state.db-wal", "state.db.lock"], Directory.EnumerateFiles(folder.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Open_ForWriting_IsDurableAndChecksForeignKeys()
    {
        await using var store = await folder.OpenAsync();

        Assert.Equal("wal", Pragma(store.Database.Writer, "journal_mode"));
        Assert.Equal("2", Pragma(store.Database.Writer, "synchronous"));
        Assert.Equal("1", Pragma(store.Database.Writer, "foreign_keys"));
    }

    [Fact]
    public async Task Dispose_ThenUse_Throws()
    {
        var store = await folder.OpenAsync();
        await store.DisposeAsync();
        await store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.Observing.LoadImagesAsync(CancellationToken.None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.Upkeep.PruneAsync(Samples.Noon, CancellationToken.None));
    }

    [Fact]
    public async Task Dispose_Clean_FoldsTheLogIntoTheFile()
    {
        await using (var store = await folder.OpenAsync())
            await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], CancellationToken.None);

        Assert.Equal(["state.db", "state.db.lock"], Directory.EnumerateFiles(folder.Folder).Select(Path.GetFileName).Order());
    }

    private static string? Pragma(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return command.ExecuteScalar()?.ToString();
    }
}
