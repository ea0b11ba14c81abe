using ImageUpdater.Core;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>Looks at the folder of the state store. Writes a small file there and deletes it; creates no folder and no store.</summary>
internal static class VolumeProbe
{
    private const string MountInfo = "/proc/self/mountinfo";

    public static async Task<VolumeState> ReadAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Existing(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var started = time.GetTimestamp();
        var problem = Write(folder);
        return new VolumeState(folder, problem, time.GetElapsedTime(started), Free(folder), MountOf(folder), await OpenAsync(path, time, cancellationToken));
    }

    // The folder is created at the first start, below the one that exists.
    private static string Existing(string folder)
    {
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
            folder = above;
        return folder;
    }

    private static string? Write(string folder)
    {
        try
        {
            var path = Path.Combine(folder, $".image-updater-doctor-{Guid.NewGuid():N}");
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose });
            file.Write("doctor"u8);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return UntrustedText.Bound(exception.Message);
        }
    }

    private static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static Mount? MountOf(string folder)
    {
        try
        {
            return File.Exists(MountInfo) ? Mount.Of(folder, File.ReadLines(MountInfo)) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Read-only, so that a controller that uses it does not matter.
    private static async Task<StateStoreRefusal?> OpenAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
            return new StateStoreRefusal($"state store {path} is a folder; use the path of a file", StateStoreProblem.NotAStore);

        var opened = await StateStore.OpenAsync(new StateStoreOptions { Path = path, Access = StateStoreAccess.ReadOnly, Holder = "image-updater doctor" }, time, cancellationToken);
        if (opened.IsSuccess(out var store, out var refusal))
            await store.DisposeAsync();
        return refusal;
    }
}
