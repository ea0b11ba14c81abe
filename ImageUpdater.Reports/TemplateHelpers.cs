using System.Collections;
using System.Globalization;
using HandlebarsDotNet;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Reports;

/// <summary>What templates may call, beside Handlebars' own. Documented for users in docs: a name stays.</summary>
/// <remarks>
/// | call                          | gives                                                              |
/// |-------------------------------|--------------------------------------------------------------------|
/// | utc startedAt                 | 2026-11-22 10:00:05                                                |
/// | iso startedAt                 | 2026-11-22T10:00:05Z                                               |
/// | day startedAt                 | 2026-11-22                                                         |
/// | monthDay date                 | 11-22                                                              |
/// | span durationSeconds          | 3 min 12 s                                                         |
/// | between since generatedAt     | 2 d 4 h                                                            |
/// | short to                      | sha256:0123456789ab                                                |
/// | number summary.restarts       | 5,000                                                              |
/// | count failuresInARow "failure" | 14 failures                                                       |
/// | label state                   | timed out                                                          |
/// | symbol state                  | ✓, ✕, …                                                            |
/// | first restarts 500            | the first 500 of a list                                            |
/// | rest restarts 500             | how many of the list are left after them; 0 where none are         |
/// | length restarts               | how many there are                                                 |
/// | path this                     | namespace/kind/name of a restart, a wait or a record               |
/// | percent failed restarts       | 33                                                                 |
/// | code image                    | the text as a code span, in Markdown; the text itself in HTML      |
/// </remarks>
internal static class TemplateHelpers
{
    public static void Register(IHandlebars handlebars, bool isMarkdown)
    {
        Register("utc", 1, arguments => Time(arguments[0]) is { } time ? time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "");
        Register("iso", 1, arguments => Time(arguments[0]) is { } time ? Rfc3339.Write(time) : "");
        Register("day", 1, arguments => Time(arguments[0]) is { } time ? time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "");
        Register("monthDay", 1, arguments => Text(arguments[0]) is { Length: > 5 } date ? date[5..] : "");
        Register("span", 1, arguments => Words.Span(TimeSpan.FromSeconds(Number(arguments[0]))));
        Register("between", 2, arguments =>
            Time(arguments[0]) is { } from && Time(arguments[1]) is { } to ? Words.Span(to - from) : "");
        Register("short", 1, arguments => Digest.TryParse(arguments[0] as string, out var digest) ? digest.Abbreviated : "none");
        Register("number", 1, arguments => Words.Number(Number(arguments[0])));
        Register("count", 2, arguments => Words.Count(Number(arguments[0]), Text(arguments[1])));
        Register("label", 1, arguments => Label(Text(arguments[0])));
        Register("symbol", 1, arguments => Symbol(Text(arguments[0])));
        Register("first", 2, arguments => Items(arguments[0]).Take((int)Number(arguments[1])).ToList());
        Register("rest", 2, arguments => Math.Max(0, Items(arguments[0]).Count() - (int)Number(arguments[1])));
        Register("length", 1, arguments => Items(arguments[0]).Count());
        Register("path", 1, arguments => arguments[0] switch
        {
            ReportedRestart restart => $"{restart.Namespace}/{restart.Kind}/{restart.Name}",
            ReportedWait wait => $"{wait.Namespace}/{wait.Kind}/{wait.Name}",
            ReportedRecord record => $"{record.Namespace}/{record.Kind}/{record.Name}",
            _ => "",
        });
        Register("percent", 2, arguments => Number(arguments[1]) == 0 ? 0 : 100 * Number(arguments[0]) / Number(arguments[1]));
        if (isMarkdown)
            handlebars.RegisterHelper("code", (output, _, arguments) => output.WriteSafeString(MarkdownText.Code(Text(Checked("code", 1, arguments)[0]))));
        else
            Register("code", 1, arguments => Text(arguments[0]));

        void Register(string name, int count, Func<Arguments, object> helper) =>
            handlebars.RegisterHelper(name, (_, arguments) => helper(Checked(name, count, arguments)));
    }

    private static Arguments Checked(string name, int count, Arguments arguments) => arguments.Length == count
        ? arguments
        : throw new HandlebarsException($"'{name}' takes {Words.Count(count, "argument")}, not {arguments.Length}");

    private static string Symbol(string word) => word switch
    {
        "succeeded" or "proven" or "rollout-succeeded" => "✓",
        "failed" or "timed-out" or "different" or "restart-failed" or "rollout-failed" => "✕",
        "running" or "intended" or "restarted" => "↻",
        "hold" => "‖",
        "skip" => "»",
        "not-provable" => "?",
        _ => "•",
    };

    private static string Label(string word) => word switch
    {
        "intended" => "not settled yet",
        "different" => "other digest",
        "hold" => "held",
        "skip" => "skipped",
        _ => word.Replace('-', ' '),
    };

    private static DateTimeOffset? Time(object? value) => value as DateTimeOffset?;

    private static string Text(object? value) => value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static IEnumerable<object> Items(object? value) => value is IEnumerable items and not string ? items.Cast<object>() : [];

    private static long Number(object? value) => value switch
    {
        int number => number,
        long number => number,
        string text when long.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
        _ => 0,
    };
}
