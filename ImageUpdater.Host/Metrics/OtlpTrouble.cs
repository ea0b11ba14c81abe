using System.Diagnostics.Tracing;
using System.Globalization;
using System.Text.RegularExpressions;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Metrics;

/// <summary>
/// The exporter keeps to itself what it can't send, and which of its variables it passes over. Whoever set a wrong address would wait for
/// metrics that never come: the first complaint of a kind is a warning, and those after it are for who asks for debug messages.
/// </summary>
internal sealed partial class OtlpTrouble(ILogger<OtlpTrouble> logger) : EventListener
{
    private readonly Lock gate = new();
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol")
            EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var text = string.Format(CultureInfo.InvariantCulture, eventData.Message ?? eventData.EventName ?? "", [.. eventData.Payload ?? []]);
        // Exceptions come with all that is in them, and with their traces.
        var sentence = OutsideText.Bound(Exceptions().Replace(text.Split('\n', 2)[0].Split(" --->", 2)[0], OfTheNetwork));
        // Several variables may be wrong, and each is its own.
        var kind = eventData.EventName == "InvalidConfigurationValue" ? sentence : eventData.EventName ?? "";
        bool isNew;
        lock (gate)
            isNew = told.Add(kind);
        Complains(isNew ? LogLevel.Warning : LogLevel.Debug, sentence);
    }

    // What is not about the network quotes what was configured: of a header that is written with a colon, all of it, password and key.
    private static string OfTheNetwork(Match exception) => exception.Groups["type"].Value is var type && type.StartsWith("System.Net.", StringComparison.Ordinal)
        ? exception.Value
        : $"{type}; look at its variables, OTEL_EXPORTER_OTLP_HEADERS among them";

    [GeneratedRegex(@"(?<type>[\w.]+Exception): .*$", RegexOptions.NonBacktracking)]
    private static partial Regex Exceptions();

    [LoggerMessage(EventId = 140, Message = "OpenTelemetry: {Sentence}")]
    private partial void Complains(LogLevel level, string sentence);
}
