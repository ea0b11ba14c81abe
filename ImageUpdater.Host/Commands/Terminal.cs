using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ImageUpdater.Core;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Colour and a progress line on a terminal; plain text without escape codes elsewhere.</summary>
internal static class Terminal
{
    // Lines are not wrapped here: the terminal wraps them, and a digest stays whole for copying.
    private const int Unbroken = 100_000;
    private const int MaxText = 2000;

    // Spectre.Console's enrichers turn escape codes on under a CI server, even on a pipe.
    private static readonly ProfileEnrichment AsItIs = new() { UseDefaultEnrichers = false };

    // A progress line that wraps can't be erased. Spinner and margin need a few columns.
    private const int SpinnerColumns = 6;

    // One console for both, so that the progress line is moved when output is printed.
    private static readonly Lazy<IAnsiConsole> Standard = new(() => Create(Console.Out, Console.IsOutputRedirected));

    public static IAnsiConsole Output => Standard.Value;

    /// <summary>Shows a progress line while the work runs, on a terminal only.</summary>
    public static async Task<T> WithProgressAsync<T>(string doing, Func<Action<string>, Task<T>> work)
    {
        if (Console.IsOutputRedirected && Console.IsErrorRedirected)
            return await work(_ => { });

        var console = Console.IsOutputRedirected ? Create(Console.Error, redirected: false) : Output;
        if (!console.Profile.Capabilities.Ansi)
            return await work(_ => { });

        // The progress line fills the width of the profile, which is otherwise unlimited.
        console.Profile.Width = Math.Max(Console.WindowWidth, SpinnerColumns * 2);
        try
        {
            return await console.Status().StartAsync(Line(doing), context => work(text => context.Status(Line(text))));
        }
        finally
        {
            console.Profile.Width = Unbroken;
        }
    }

    private static string Line(string text)
    {
        var width = Math.Max(Console.WindowWidth - SpinnerColumns, SpinnerColumns);
        return Markup.Escape(text.Length <= width ? text : text[..(width - 1)] + "…");
    }

    /// <summary>Bounds outside text and escapes its markup.</summary>
    public static string Text(string text) => Markup.Escape(UntrustedText.Bound(text, MaxText));

    /// <summary>Bounds outside text that is written without markup.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Plain(string? text) => text is null ? null : UntrustedText.Bound(text, MaxText);

    /// <summary>To the second: in local time on a terminal, where a person reads it now, and in UTC elsewhere.</summary>
    public static string Moment(IAnsiConsole console, DateTimeOffset at)
    {
        var local = at.ToLocalTime();
        return !console.Profile.Out.IsTerminal || local.Offset == TimeSpan.Zero
            ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : local.ToString("yyyy-MM-dd HH:mm:sszzz", CultureInfo.InvariantCulture);
    }

    /// <summary>As kubectl writes an age: <c>45s</c>, <c>12m</c>, <c>30h</c>, <c>9d</c>.</summary>
    public static string Age(TimeSpan age)
    {
        var (count, unit) = age switch
        {
            { TotalMinutes: < 2 } => (Math.Max(0, age.TotalSeconds), "s"),
            { TotalHours: < 2 } => (age.TotalMinutes, "m"),
            { TotalDays: < 2 } => (age.TotalHours, "h"),
            _ => (age.TotalDays, "d"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(count)}{unit}");
    }

    /// <summary>What would be printed, as plain text for a file.</summary>
    public static string Render(Action<IAnsiConsole> print)
    {
        using var text = new StringWriter { NewLine = "\n" };
        print(Create(text, redirected: true));
        return text.ToString();
    }

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        // NO_COLOR: https://no-color.org
        var plain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
            Enrichment = AsItIs,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = Unbroken;
        return console;
    }
}
