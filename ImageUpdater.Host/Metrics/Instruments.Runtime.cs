using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Prometheus;

namespace ImageUpdater.Host.Metrics;

/// <content>Metrics of the process and the runtime: those of .NET's System.Runtime meter, under Prometheus' names.</content>
internal sealed partial class Instruments
{
    private readonly Gauge startTime = metrics.Gauge("process_start_time_seconds", "seconds since 1970", "When the process started.");

    private readonly Counter cpuTime = metrics.Counter("process_cpu_seconds_total", "seconds", "CPU time of the process, user and system.");

    private readonly Gauge residentMemory = metrics.Gauge(
        "process_resident_memory_bytes", "bytes", "Resident memory of the process, including mapped files.");

    private readonly Counter collections = metrics.Counter(
        "dotnet_gc_collections_total", "collections", "Garbage collections, by generation.", ["generation"], LabelValues.Generations.Take(GC.MaxGeneration + 1).Select(Alone));

    private readonly Counter gcPause = metrics.Counter(
        "dotnet_gc_pause_seconds_total", "seconds", "Time the process was paused by the garbage collector.");

    private readonly Counter allocated = metrics.Counter("dotnet_gc_allocated_bytes_total", "bytes", "Bytes allocated on the managed heap.");

    private readonly Gauge committedMemory = metrics.Gauge(
        "dotnet_gc_committed_memory_bytes", "bytes", "Memory committed for the managed heap, after the last collection.");

    private readonly Gauge heapSize = metrics.Gauge(
        "dotnet_gc_heap_size_bytes", "bytes", "Size of the managed heap after the last collection, by generation.", "generation");

    private readonly Gauge threads = metrics.Gauge("dotnet_thread_pool_threads", "threads", "Number of threads in the thread pool.");

    private readonly Gauge queueLength = metrics.Gauge("dotnet_thread_pool_queue_length", "work items", "Work items queued for the thread pool.");

    private readonly Counter workItems = metrics.Counter("dotnet_thread_pool_work_items_total", "work items", "Work items completed by the thread pool.");

    private readonly Counter lockContentions = metrics.Counter(
        "dotnet_monitor_lock_contentions_total", "contentions", "Number of times a thread waited for a lock.");

    private readonly Counter exceptions = metrics.Counter(
        "dotnet_exceptions_total", "exceptions", "Exceptions thrown in managed code, including caught ones.");

    public void Runtime()
    {
        cpuTime.IncTo(Environment.CpuUsage.TotalTime.TotalSeconds);
        residentMemory.Set(Environment.WorkingSet);
        // GC.CollectionCount of a generation includes the collections of older ones.
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            var older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            collections.WithLabels(LabelValues.Generations[generation]).IncTo(GC.CollectionCount(generation) - older);
        }

        gcPause.IncTo(GC.GetTotalPauseDuration().TotalSeconds);
        allocated.IncTo(GC.GetTotalAllocatedBytes());
        HeapSize(GC.GetGCMemoryInfo());
        threads.Set(ThreadPool.ThreadCount);
        queueLength.Set(ThreadPool.PendingWorkItemCount);
        workItems.IncTo(ThreadPool.CompletedWorkItemCount);
        lockContentions.IncTo(Monitor.LockContentionCount);
    }

    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= Thrown;

    private void ProcessStarted()
    {
        using var process = Process.GetCurrentProcess();
        startTime.Set(Seconds(new DateTimeOffset(process.StartTime)));
        AppDomain.CurrentDomain.FirstChanceException += Thrown;
    }

    private void HeapSize(GCMemoryInfo last)
    {
        // There is no data before the first collection.
        if (last.Index == 0)
            return;

        committedMemory.Set(last.TotalCommittedBytes);
        for (var generation = 0; generation < last.GenerationInfo.Length; generation++)
            heapSize.WithLabels(LabelValues.Generations[generation]).Set(last.GenerationInfo[generation].SizeAfterBytes);
    }

    private void Thrown(object? sender, FirstChanceExceptionEventArgs args) => exceptions.Inc();
}
