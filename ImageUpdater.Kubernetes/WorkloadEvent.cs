using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes;

/// <summary>Something to show in <c>kubectl describe</c> of a workload.</summary>
/// <param name="ApiVersion">Of the workload.</param>
/// <param name="Reason">Why, in UpperCamelCase; machines read it.</param>
/// <param name="Action">What was done, in UpperCamelCase.</param>
internal sealed record WorkloadEvent(
    WorkloadKey Workload, string Uid, WorkloadEventType Type, string Reason, string Action, string Note, DateTimeOffset At,
    string ApiVersion = "apps/v1");

internal enum WorkloadEventType
{
    Normal,
    Warning,
}

/// <summary>The same on the wire, as <c>events.k8s.io/v1</c> checks it.</summary>
internal sealed record EventObject(
    string ApiVersion,
    string Kind,
    EventMeta Metadata,
    string EventTime,
    string ReportingController,
    string ReportingInstance,
    string Action,
    string Reason,
    string Type,
    EventRegarding Regarding,
    string Note)
{
    private const int MaxNote = 1024;
    private const int MaxInstance = 128;
    private const int MaxWorkloadName = 200;

    /// <param name="suffix">Makes the name unique; the same one on a repeated attempt keeps it one event.</param>
    public static EventObject Of(WorkloadEvent source, string instance, string suffix)
    {
        var workload = source.Workload;
        var name = workload.Name[..Math.Min(workload.Name.Length, MaxWorkloadName)].TrimEnd('.', '-');
        return new EventObject(
            "events.k8s.io/v1",
            "Event",
            new EventMeta($"{name}.{suffix}", workload.Namespace),
            source.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
            "image-updater",
            BoundBytes(instance, MaxInstance),
            BoundBytes(source.Action, MaxInstance),
            BoundBytes(source.Reason, MaxInstance),
            source.Type.ToString(),
            new EventRegarding(source.ApiVersion, workload.Kind.ToString(), workload.Namespace, workload.Name, source.Uid),
            BoundBytes(source.Note, MaxNote));
    }

    // The API counts bytes.
    private static string BoundBytes(string text, int maxBytes)
    {
        var clean = OutsideText.Bound(text, maxBytes);
        if (Encoding.UTF8.GetByteCount(clean) <= maxBytes)
            return clean;

        var ellipsis = Encoding.UTF8.GetByteCount("…");
        var (length, bytes) = (0, 0);
        foreach (var rune in clean.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > maxBytes - ellipsis)
                break;
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return string.Concat(clean.AsSpan(0, length), "…");
    }
}

internal sealed record EventMeta(string Name, string Namespace);

internal sealed record EventRegarding(string ApiVersion, string Kind, string Namespace, string Name, string Uid);
