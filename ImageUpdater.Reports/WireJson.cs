using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ImageUpdater.Core;

namespace ImageUpdater.Reports;

/// <summary>How our files are written, and read: one shape for plans and audit reports.</summary>
[JsonSerializable(typeof(PlanDocument))]
[JsonSerializable(typeof(DocumentHeader))]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(StateList<ListedPlan>))]
[JsonSerializable(typeof(StateList<ReportedRestart>))]
[JsonSerializable(typeof(StateList<ListedWorkload>))]
[JsonSerializable(typeof(StateList<ReportedRecord>))]
[JsonSerializable(typeof(StateList<ExplainedWorkload>))]
[JsonSerializable(typeof(StateDocument<WorkloadStateDocument>))]
[JsonSerializable(typeof(StateDocument<ImageStateDocument>))]
[JsonSerializable(typeof(StateDocument<ResolvedImageDocument>))]
[JsonSerializable(typeof(StateList<CheckedImageDocument>))]
[JsonSerializable(typeof(StateDocument<DiagnosisDocument>))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>In characters: longer than any of our messages. Longer untrusted text is cut.</summary>
    public const int MaxTextLength = 2000;

    public static readonly WireJson Shape = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowDuplicateProperties = false,
        WriteIndented = true,
        NewLine = "\n",

        // People read these files: apostrophes and arrows stay as they are. They are files and application/json, never part of a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new Rfc3339() },
    });

    /// <summary>Bounded, and free of what a terminal would obey, in the file as in the program.</summary>
    public static string Text(string text) => UntrustedText.Bound(text, MaxTextLength);

    public static IReadOnlyList<string> Texts(IEnumerable<string> texts) => [.. texts.Select(Text)];
}

/// <summary>The fields that identify a file, in any version.</summary>
internal sealed record DocumentHeader(JsonElement Kind, JsonElement FormatVersion);
