using System.Runtime.InteropServices;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Returns memory to the system after a cycle. The garbage collector runs on allocation only, so that the garbage of a large cycle would stay
/// until the next one, minutes later: about 80 MB with 1,000 workloads. glibc also keeps memory freed by SQLite and the runtime: another 3 MB.
/// </summary>
internal static class IdleMemory
{
    // Below this, a collection takes more time than it is worth.
    private const long WorthIt = 8 * 1024 * 1024;

    private static long allocated;
    private static bool isGlibc = OperatingSystem.IsLinux();

    /// <summary>Call after a cycle. Takes a few to a few tens of milliseconds.</summary>
    public static void GiveBack()
    {
        var now = GC.GetTotalAllocatedBytes(precise: false);
        if (now - Interlocked.Read(ref allocated) < WorthIt)
            return;

        Interlocked.Exchange(ref allocated, now);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (isGlibc)
            Trim();
    }

    private static void Trim()
    {
        try
        {
            _ = TrimHeap(keep: 0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not glibc.
            isGlibc = false;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimHeap(nuint keep);
}
