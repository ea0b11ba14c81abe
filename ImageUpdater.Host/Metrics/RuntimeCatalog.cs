namespace ImageUpdater.Host.Metrics;

/// <summary>
/// The platform's own meter, System.Runtime, in the names that Prometheus expects. Where the platform has several series and the
/// convention has one, they are added up.
/// </summary>
internal static class RuntimeCatalog
{
    public const string MeterName = "System.Runtime";

    /// <summary>By the name of the instrument; labels with the tags that they come from.</summary>
    public static IReadOnlyDictionary<string, RuntimeMetric> ByInstrument { get; } = new Dictionary<string, RuntimeMetric>(StringComparer.Ordinal)
    {
        ["dotnet.process.cpu.time"] = new(new("process_cpu_seconds_total", MetricType.Counter, "seconds", "CPU time of the process, user and system.")),
        ["dotnet.process.memory.working_set"] = new(new("process_resident_memory_bytes", MetricType.Gauge, "bytes", "Memory of the process that is in RAM, mapped files included.")),
        ["dotnet.gc.collections"] = new(
            new("dotnet_gc_collections_total", MetricType.Counter, "collections", "Garbage collections, by generation.", "generation"), "gc.heap.generation"),
        ["dotnet.gc.pause.time"] = new(new("dotnet_gc_pause_seconds_total", MetricType.Counter, "seconds", "Time for which the garbage collector stopped the process.")),
        ["dotnet.gc.heap.total_allocated"] = new(new("dotnet_gc_allocated_bytes_total", MetricType.Counter, "bytes", "Bytes allocated on the managed heap.")),
        ["dotnet.gc.last_collection.memory.committed_size"] = new(
            new("dotnet_gc_committed_memory_bytes", MetricType.Gauge, "bytes", "Memory committed for the managed heap, after the last collection.")),
        ["dotnet.gc.last_collection.heap.size"] = new(
            new("dotnet_gc_heap_size_bytes", MetricType.Gauge, "bytes", "Size of the managed heap after the last collection, by generation.", "generation"), "gc.heap.generation"),
        ["dotnet.thread_pool.thread.count"] = new(new("dotnet_thread_pool_threads", MetricType.Gauge, "threads", "Threads of the thread pool.")),
        ["dotnet.thread_pool.queue.length"] = new(new("dotnet_thread_pool_queue_length", MetricType.Gauge, "work items", "Work that waits for a thread.")),
        ["dotnet.thread_pool.work_item.count"] = new(new("dotnet_thread_pool_work_items_total", MetricType.Counter, "work items", "Work that the thread pool completed.")),
        ["dotnet.monitor.lock_contentions"] = new(new("dotnet_monitor_lock_contentions_total", MetricType.Counter, "contentions", "How often a thread had to wait for a lock.")),
        ["dotnet.exceptions"] = new(new("dotnet_exceptions_total", MetricType.Counter, "exceptions", "Exceptions thrown in managed code, caught ones included.")),
    };

    public static readonly Metric StartTime = new("process_start_time_seconds", MetricType.Gauge, "seconds since 1970", "When the process started.");

    public static IReadOnlyList<Metric> All { get; } = [StartTime, .. ByInstrument.Values.Select(runtime => runtime.Metric)];
}

/// <param name="Tags">For each label of the metric the instrument's tag.</param>
internal sealed record RuntimeMetric(Metric Metric, params string[] Tags);
