using System.Runtime.InteropServices;
using System.Text;
using ImageUpdater.Core;
using Microsoft.Win32.SafeHandles;

namespace ImageUpdater.Persistence.Sqlite;

/// <summary>
/// Lock on <c>PATH.lock</c> while a process may write to the store. .NET takes an operating system lock (flock) for
/// <see cref="FileShare.None"/>, which is released when the process ends in any way. The file is not deleted: otherwise two processes could
/// lock two files of the same name.
/// </summary>
internal sealed class LockFile : IDisposable
{
    // errno values of Linux and macOS. 32 is ERROR_SHARING_VIOLATION on Windows.
    private const int PermissionDenied = 13;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;
    private const string Unknown = "another process";
    private static readonly int[] HeldByAnother = [11, 35, 32];

    private readonly FileStream held;

    private LockFile(FileStream held) => this.held = held;

    public static Result<LockFile, StateStoreRefusal> Take(string storePath, string holder)
    {
        var path = storePath + ".lock";
        FileStream? stream = null;
        try
        {
            if (PrivateFile.IsLink(path))
                return StateStoreRefusal.OfLink(path);
            stream = PrivateFile.OpenOrCreate(path);
            PrivateFile.Restrict(path);
            stream.SetLength(0);
            stream.Write(Encoding.UTF8.GetBytes(UntrustedText.Bound(holder)));
            return new LockFile(stream);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            return Refuse(exception, storePath, path);
        }
    }

    public void Dispose() => held.Dispose();

    private static StateStoreRefusal Refuse(Exception exception, string storePath, string path) => (exception.HResult & 0xFFFF) switch
    {
        var code when exception is IOException && HeldByAnother.Contains(code) =>
            new($"{storePath} is in use by {Holder(path)}; only one process can write to it at a time, stop the other one first", StateStoreProblem.InUse),
        NoSpace or QuotaExceeded => SqliteTrouble.DiskFull(storePath),
        ReadOnlyFileSystem =>
            new($"{storePath} can't be written: its volume is mounted read-only", StateStoreProblem.ReadOnly),
        PermissionDenied => NoPermission(path),
        _ => exception is UnauthorizedAccessException
            ? NoPermission(path)
            : new($"{path} can't be written: {UntrustedText.Bound(exception.Message)}", StateStoreProblem.InputOutput),
    };

    private static StateStoreRefusal NoPermission(string path) =>
        new($"{path} can't be written: permission denied; check the permissions of the file and its folder", StateStoreProblem.NoPermission);

    private static string Holder(string path)
    {
        try
        {
            // .NET takes at least a shared lock on every file that it opens, which fails while the holder has an exclusive one. open(2) does not.
            using var handle = new SafeFileHandle(Open([.. Encoding.UTF8.GetBytes(path), 0], flags: 0), ownsHandle: true);
            if (handle.IsInvalid)
                return Unknown;

            var bytes = new byte[4 * UntrustedText.MaxLength];
            var text = UntrustedText.Bound(Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(handle, bytes, fileOffset: 0)));
            return text.Length == 0 ? Unknown : text;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return Unknown; // The lock file can't be read; the holder is for the message only.
        }
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
