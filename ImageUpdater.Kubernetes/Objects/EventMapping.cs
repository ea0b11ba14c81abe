using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ImageUpdater.Core;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Objects;

/// <summary>Creates an event within the limits that <c>events.k8s.io/v1</c> validates (kubernetes pkg/apis/core/validation/events.go).</summary>
internal static class EventMapping
{
    private const int MaxNote = 1024;
    private const int MaxInstance = 128;
    private const int MaxWorkloadName = 200;
    private const int SuffixBytes = 8;

    public static Eventsv1Event ToEvent(WorkloadEvent source, string instance)
    {
        var workload = source.Workload;
        var name = workload.Name[..Math.Min(workload.Name.Length, MaxWorkloadName)].TrimEnd('.', '-');
        return new Eventsv1Event
        {
            ApiVersion = $"{Eventsv1Event.KubeGroup}/{Eventsv1Event.KubeApiVersion}",
            Kind = Eventsv1Event.KubeKind,
            Metadata = new V1ObjectMeta { Name = $"{name}.{Suffix(source)}", NamespaceProperty = workload.Namespace },
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

    // Derived from the event's content, so that sending it again after a crash or a lost response does not create a second event.
    private static string Suffix(WorkloadEvent source)
    {
        var told = string.Join('\0', source.Uid, source.At.UtcTicks.ToString(CultureInfo.InvariantCulture), source.Type, source.Reason, source.Note);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(told)).AsSpan(0, SuffixBytes));
    }

    // The API limits bytes, not characters.
    private static string BoundBytes(string text, int maxBytes)
    {
        var clean = UntrustedText.Bound(text, maxBytes);
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
