using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Requests;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>With a umask that takes nothing away.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FileModeTests : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0b110_110_110;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();
    private readonly uint umask = Umask(0);

    public void Dispose()
    {
        _ = Umask(umask);
        folder.Dispose();
    }

    [Theory]
    [InlineData(false, "600")]
    [InlineData(true, "640")]
    public async Task Open_NewStore_ItsFilesAreTheOwnersAndReadByTheGroupOfAVolumeWithFsGroup(bool isSetgid, string mode)
    {
        // As the kubelet does with a volume for fsGroup.
        if (isSetgid)
            File.SetUnixFileMode(folder.Folder, File.GetUnixFileMode(folder.Folder) | UnixFileMode.SetGroup);

        await using (var store = await folder.OpenAsync())
        {
            await store.Observing.RecordChecksAsync([Samples.Served("nginx", "new")], new Dictionary<ObservedImage, DateTimeOffset>(), None);
            Assert.True((await store.Upkeep.BackupAsync(Path.Combine(folder.Folder, "backup.db"), None)).IsSuccess(out _, out var problem), problem);

            Assert.Equal(
                new[] { "backup.db", "state.db", "state.db-shm", "state.db-wal", "state.db.lock" }.Select(name => $"{name} {mode}"),
                Directory.GetFiles(folder.Folder).Select(file => $"{Path.GetFileName(file)} {Mode(file)}").Order(StringComparer.Ordinal));
        }

        new RetryRequests(folder.StorePath).Add(new RetryRequest(Samples.Web, "kim"));
        Assert.Equal(mode, Mode(Assert.Single(Directory.GetFiles(folder.StorePath + ".retries"))));
    }

    [Fact]
    public async Task Open_FilesOfAnEarlierVersion_AreRestricted()
    {
        await using (await folder.OpenAsync())
        {
        }

        File.SetUnixFileMode(folder.StorePath, Everybody);
        File.SetUnixFileMode(folder.StorePath + ".lock", Everybody);
        await using var store = await folder.OpenAsync();

        Assert.All(Directory.GetFiles(folder.Folder), file => Assert.Equal("600", Mode(file)));
    }

    [Theory]
    [InlineData("state.db")]
    [InlineData("state.db-wal")]
    [InlineData("state.db-shm")]
    [InlineData("state.db-journal")]
    [InlineData("state.db.lock")]
    public async Task Open_ALink_IsRefusedAndNothingIsWrittenThroughIt(string name)
    {
        var target = Path.Combine(folder.Folder, "of-somebody-else");
        await File.WriteAllTextAsync(target, "keep");
        var link = Path.Combine(folder.Folder, name);
        File.CreateSymbolicLink(link, target);

        var refusal = await folder.RefusalAsync();

        Assert.Equal(StateStoreProblem.IsLink, refusal.Kind);
        Assert.StartsWith($"{link} is a symbolic link, and state is not written through links; ", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("keep", await File.ReadAllTextAsync(target));
        Assert.Equal(Everybody, File.GetUnixFileMode(target));
    }

    [Theory]
    [InlineData("backup.db", true)]
    [InlineData("backup.db.partial", false)]
    public async Task Backup_ALink_IsNotWrittenThrough(string name, bool isRefused)
    {
        var target = Path.Combine(folder.Folder, "of-somebody-else");
        File.CreateSymbolicLink(Path.Combine(folder.Folder, name), target);
        await using var store = await folder.OpenAsync();

        var made = await store.Upkeep.BackupAsync(Path.Combine(folder.Folder, "backup.db"), None);

        Assert.Equal(isRefused, !made.IsSuccess(out _, out var problem));
        if (isRefused)
            Assert.EndsWith("already exists; a backup does not overwrite files, use another name", problem, StringComparison.Ordinal);
        Assert.False(File.Exists(target) && new FileInfo(target).Length > 0);
    }

    [Fact]
    public void Retry_FolderIsALink_IsRefused()
    {
        var target = Directory.CreateDirectory(Path.Combine(folder.Folder, "of-somebody-else")).FullName;
        Directory.CreateSymbolicLink(folder.StorePath + ".retries", target);

        var refused = Assert.Throws<StateStoreException>(() => new RetryRequests(folder.StorePath).Add(new RetryRequest(Samples.Web, "kim")));

        Assert.EndsWith("state.db.retries: it is a symbolic link", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(target));
    }

    [Fact]
    public void Replace_ALinkThatAppearedMeanwhile_IsReplacedAndItsTargetUnchanged()
    {
        var target = Path.Combine(folder.Folder, "of-somebody-else");
        File.WriteAllText(target, "keep");
        var path = Path.Combine(folder.Folder, "plan.json");
        File.CreateSymbolicLink(path, target);

        PrivateFile.Replace(path, "new");

        Assert.Equal(("keep", "new", "600"), (File.ReadAllText(target), File.ReadAllText(path), Mode(path)));
        Assert.Equal(2, Directory.GetFiles(folder.Folder).Length);
    }

    private static string Mode(string file) => Convert.ToString((int)File.GetUnixFileMode(file), 8);

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint Umask(uint mask);
}
