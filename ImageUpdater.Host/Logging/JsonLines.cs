using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ImageUpdater.Host.Logging;

/// <summary>
/// The log of <c>run</c> for programs: one JSON object per line, with <c>ts</c>, <c>level</c>, <c>event</c>, <c>message</c>, and the named parts of the
/// message as fields of their own. A part that is the whole message is left out.
/// </summary>
internal sealed class JsonLines(TimeProvider time) : ConsoleFormatter(Format)
{
    public const string Format = "json-lines";

    /// <summary>No message may have a part of such a name.</summary>
    public static readonly IReadOnlyList<string> Reserved = ["ts", "level", "event", "message", "category", "exception"];

    // People read the log too: apostrophes and arrows stay as they are. It is not part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("ts", LogLine.Time(time.GetUtcNow()));
            json.WriteString("level", LogLine.Level(logEntry.LogLevel));
            json.WriteNumber("event", logEntry.EventId.Id);
            json.WriteString("message", message);
            foreach (var (name, value) in LogLine.Fields(logEntry.State))
                Write(json, name, value, message);
            json.WriteString("category", logEntry.Category);
            if (logEntry.Exception is { } exception)
                json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }

        textWriter.Write($"{Encoding.UTF8.GetString(buffer.WrittenSpan)}\n");
    }

    private static void Write(Utf8JsonWriter json, string name, object? value, string message)
    {
        switch (value)
        {
            case null:
                return;
            case bool truth:
                json.WriteBoolean(name, truth);
                return;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                return;
            case double number:
                json.WriteNumber(name, Math.Round(number, 3));
                return;
            case DateTimeOffset at:
                json.WriteString(name, LogLine.Time(at));
                return;
        }

        var text = value as string ?? (value as IFormattable)?.ToString(format: null, CultureInfo.InvariantCulture) ?? value.ToString();
        if (text != message)
            json.WriteString(name, text);
    }
}
