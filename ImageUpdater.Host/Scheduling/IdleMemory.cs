using System.Runtime.InteropServices;

namespace ImageUpdater.Host.Scheduling;

/// <summary>
/// Between two cycles there are minutes in which nothing is done, and the collector, which works when memory is asked for, would keep
/// a large cycle's leavings all that time. It is told that it is quiet now: with 1,000 workloads that gives some 80 MB back. The C library
/// keeps what SQLite and the runtime gave back to it, too: another 3 MB.
/// </summary>
internal static class IdleMemory
{
    // A small cluster's cycle leaves so little that looking for it is not worth the time.
    private const long WorthIt = 8 * 1024 * 1024;

    private static long allocated;
    private static bool isGlibc = OperatingSystem.IsLinux();

    /// <summary>To be called when the work is done. A few milliseconds to a few tens of them.</summary>
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
            // Another C library, which has no such call.
            isGlibc = false;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int TrimHeap(nuint keep);
}
