using System.Collections;
using System.Globalization;
using ImageUpdater.Core.Images;
using Scriban.Runtime;
using Function = Scriban.Runtime.DelegateCustomFunction;

namespace ImageUpdater.Reports;

/// <summary>The functions that templates may call; Scriban's own are not available. Documented in docs/spec.md: don't rename any.</summary>
/// <remarks>
/// | call                           | result                                                             |
/// |--------------------------------|--------------------------------------------------------------------|
/// | utc item.startedAt             | 2026-11-22 10:00:05                                                |
/// | iso item.startedAt             | 2026-11-22T10:00:05Z                                               |
/// | day since                      | 2026-11-22                                                         |
/// | monthDay item.date             | 11-22                                                              |
/// | span item.durationSeconds      | 3 min 12 s                                                         |
/// | between item.since generatedAt | 2 d 4 h                                                            |
/// | short item.to                  | sha256:0123456789ab                                                |
/// | number summary.restarts        | 5,000                                                              |
/// | count summary.failed "failure" | 14 failures                                                        |
/// | label item.state               | timed out                                                          |
/// | symbol item.state              | ✓, ✕, …                                                            |
/// | first restarts 500             | the first 500 of a list                                            |
/// | rest restarts 500              | how many of the list are left after them; 0 where none are         |
/// | length restarts                | how many there are                                                 |
/// | path item                      | namespace/kind/name of a restart, a wait or a record               |
/// | percent failed restarts        | 33                                                                 |
/// | code item.image                | the text as a code span, in Markdown; the text itself elsewhere    |
/// | raw x                          | the text as it is, not encoded                                     |
/// </remarks>
internal static class TemplateFunctions
{
    // Shared by all renderings: nothing can be added to them or taken away.
    private static readonly ScriptObject Plain = Make(code: Function.CreateFunc<string?, string?>(text => text));
    private static readonly ScriptObject Markdown = Make(code: Function.CreateFunc<string?, EncodedText>(text => new(MarkdownText.Code(text ?? ""))));

    public static IEnumerable<string> Names => Plain.Keys;

    public static ScriptObject Of(TemplateEncoding encoding) => encoding == TemplateEncoding.Markdown ? Markdown : Plain;

    private static ScriptObject Make(Function code)
    {
        var functions = new ScriptObject();
        Add("utc", Function.CreateFunc<DateTimeOffset?, string?>(time => time?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)));
        Add("iso", Function.CreateFunc<DateTimeOffset?, string?>(time => time is { } known ? Rfc3339.Write(known) : null));
        Add("day", Function.CreateFunc<DateTimeOffset?, string?>(time => time?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        Add("monthDay", Function.CreateFunc<string?, string?>(date => date is { Length: > 5 } ? date[5..] : null));
        Add("span", Function.CreateFunc<long, string>(seconds => Words.Span(TimeSpan.FromSeconds(seconds))));
        Add("between", Function.CreateFunc<DateTimeOffset?, DateTimeOffset?, string?>((from, to) => to - from is { } span ? Words.Span(span) : null));
        Add("short", Function.CreateFunc<string?, string>(text => Digest.TryParse(text, out var digest) ? digest.Abbreviated : "none"));
        Add("number", Function.CreateFunc<long, string>(Words.Number));
        Add("count", Function.CreateFunc<long, string?, string>((count, noun) => Words.Count(count, noun ?? "")));
        Add("label", Function.CreateFunc<string?, string?>(Label));
        Add("symbol", Function.CreateFunc<string?, string>(Symbol));
        Add("first", Function.CreateFunc<IList?, int, IList?>((list, count) => list?.Cast<object?>().Take(count).ToList()));
        Add("rest", Function.CreateFunc<IList?, int, int>((list, count) => Math.Max(0, (list?.Count ?? 0) - count)));
        Add("length", Function.CreateFunc<IList?, int>(list => list?.Count ?? 0));
        Add("path", Function.CreateFunc<object?, string?>(Path));
        Add("percent", Function.CreateFunc<long, long, long>((part, whole) => whole == 0 ? 0 : 100 * part / whole));
        Add("code", code);
        Add("raw", Function.CreateFunc<string?, EncodedText>(text => new(text ?? "")));
        functions.IsReadOnly = true;
        return functions;

        void Add(string name, Function function) => functions.Add(name, new CountedFunction(function));
    }

    private static string? Path(object? item) => item switch
    {
        ReportedRestart restart => $"{restart.Namespace}/{restart.Kind}/{restart.Name}",
        ReportedWait wait => $"{wait.Namespace}/{wait.Kind}/{wait.Name}",
        ReportedRecord record => $"{record.Namespace}/{record.Kind}/{record.Name}",
        _ => null,
    };

    private static string Symbol(string? word) => word switch
    {
        "succeeded" or "verified" or "rollout-succeeded" => "✓",
        "failed" or "timed-out" or "mismatch" or "reverted" or "restart-failed" or "rollout-failed" or "rollout-mismatch" or "rollout-reverted" => "✕",
        "running" or "intended" or "restarted" => "↻",
        "hold" => "‖",
        "skip" => "»",
        "unverified" => "?",
        _ => "•",
    };

    private static string? Label(string? word) => word switch
    {
        "intended" => "outcome unknown",
        "hold" => "held",
        "skip" => "skipped",
        _ => word?.Replace('-', ' '),
    };
}
