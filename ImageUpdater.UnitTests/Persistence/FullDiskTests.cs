using System.Diagnostics;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class FullDiskTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();
    private bool mounted;

    public void Dispose()
    {
        if (mounted)
            Run("umount", "--lazy", folder.Folder);
        folder.Dispose();
    }

    [Fact]
    public async Task Write_NoMorePages_SaysFullAndRecovers()
    {
        await using var store = await folder.OpenAsync();
        await store.AppendAuditAsync([Samples.Record("before")], None);
        var before = folder.RowCounts();
        LimitPages(store, 1);

        await AssertFullAsync(store, 400);
        Assert.Equal(before, folder.RowCounts());

        LimitPages(store, 1_000_000);
        await store.Observing.RecordChecksAsync(Checks(0, 400), None);
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Write_VolumeFull_SaysFullAndRecovers()
    {
        Mount("size=2m");
        await using var store = await folder.OpenAsync();
        await store.AppendAuditAsync([Samples.Record("before")], None);
        var ballast = Path.Combine(folder.Folder, "ballast");
        FillUp(ballast);

        await AssertFullAsync(store, 400);
        await AssertFullAsync(store, 400);
        Assert.Single(await store.Reporting.AuditAsync(new(), None));

        File.Delete(ballast);
        await store.Observing.RecordChecksAsync(Checks(0, 50), None);
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Open_VolumeFull_Refuses()
    {
        Mount("size=1m");
        FillUp(Path.Combine(folder.Folder, "ballast"));

        Assert.Equal(StateStoreProblem.DiskFull, (await folder.RefusalAsync()).Kind);
    }

    [Fact]
    public async Task Open_OldStoreOnFullVolume_RefusesUntilThereIsRoom()
    {
        Mount("size=1m");
        await (await folder.OpenAsync()).DisposeAsync();
        FillUp(Path.Combine(folder.Folder, "ballast"));

        Assert.Equal(StateStoreProblem.DiskFull, (await folder.RefusalAsync()).Kind);

        File.Delete(Path.Combine(folder.Folder, "ballast"));
        await using var store = await folder.OpenAsync();
        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Backup_NoRoom_SaysSoAndLeavesNothing()
    {
        Mount("size=2m");
        await using var store = await folder.OpenAsync();
        FillUp(Path.Combine(folder.Folder, "ballast"));
        var target = Path.Combine(folder.Folder, "backup.db");

        var result = await store.Upkeep.BackupAsync(target, None);

        Assert.Contains("no space", result.Failure, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Folder, "backup*"));
    }

    [Fact]
    public async Task Open_ReadOnlyVolume_Refuses()
    {
        Mount("size=2m");
        await (await folder.OpenAsync()).DisposeAsync();
        Run("mount", "-o", "remount,ro", folder.Folder);

        Assert.Equal(StateStoreProblem.ReadOnly, (await folder.RefusalAsync()).Kind);
    }

    [Fact]
    public async Task Write_FileDeletedMeanwhile_SaysSo()
    {
        await using var store = await folder.OpenAsync();
        foreach (var file in Directory.EnumerateFiles(folder.Folder, "state.db*"))
            File.Delete(file);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var failure = await Assert.ThrowsAsync<StateStoreException>(() => store.AppendAuditAsync([Samples.Record("lost")], None));
            StoreFolder.AssertMessage(failure.Message);
        }
    }

    private static ImageCheck[] Checks(int round, int count) =>
        [.. Enumerable.Range(0, count).Select(number => Samples.Served($"r.example/app{number}", $"{number} {round}"))];

    private static async Task AssertFullAsync(StateStore store, int count)
    {
        var failure = await Assert.ThrowsAsync<StateStoreException>(() => store.Observing.RecordChecksAsync(Checks(0, count), None));
        Assert.Equal(StateStoreProblem.DiskFull, failure.Kind);
        Assert.Contains("is full: nothing is applied until there is space", failure.Message, StringComparison.Ordinal);
    }

    private static void LimitPages(StateStore store, int pages)
    {
        using var command = store.Database.Writer.CreateCommand();
        command.CommandText = $"PRAGMA max_page_count = {pages}";
        command.ExecuteScalar();
    }

    private static void FillUp(string path)
    {
        try
        {
            using var ballast = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
                ballast.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // The database is full, as intended.
        }
    }

    private void Mount(string options)
    {
        mounted = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.Folder);
        Assert.SkipUnless(mounted, "needs a user who may mount");
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
