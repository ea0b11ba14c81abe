using System.Text;
using ImageUpdater.Core;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Objects;

/// <summary>To an event as <c>events.k8s.io/v1</c> checks it.</summary>
internal static class EventMapping
{
    private const int MaxNote = 1024;
    private const int MaxInstance = 128;
    private const int MaxWorkloadName = 200;

    /// <param name="suffix">Makes the name unique; the same one on a repeated attempt keeps it one event.</param>
    public static Eventsv1Event ToEvent(WorkloadEvent source, string instance, string suffix)
    {
        var workload = source.Workload;
        var name = workload.Name[..Math.Min(workload.Name.Length, MaxWorkloadName)].TrimEnd('.', '-');
        return new Eventsv1Event
        {
            ApiVersion = $"{Eventsv1Event.KubeGroup}/{Eventsv1Event.KubeApiVersion}",
            Kind = Eventsv1Event.KubeKind,
            Metadata = new V1ObjectMeta { Name = $"{name}.{suffix}", NamespaceProperty = workload.Namespace },
            EventTime = source.At.UtcDateTime,
            ReportingController = "image-updater",
            ReportingInstance = BoundBytes(instance, MaxInstance),
            Action = BoundBytes(source.Action, MaxInstance),
            Reason = BoundBytes(source.Reason, MaxInstance),
            Type = source.Type.ToString(),
            Regarding = new V1ObjectReference
            {
                ApiVersion = source.ApiVersion,
                Kind = workload.Kind.ToString(),
                NamespaceProperty = workload.Namespace,
                Name = workload.Name,
                Uid = source.Uid,
            },
            Note = BoundBytes(source.Note, MaxNote),
        };
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
