using System.Globalization;
using ImageUpdater.Core;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Colour and a progress line on a terminal; plain text, without escape codes, everywhere else.</summary>
internal static class Terminal
{
    // Lines are never broken by us: a terminal wraps them itself, and a digest stays whole for copying.
    private const int Unbroken = 100_000;
    private const int MaxText = 2000;

    // Where it finds the environment of a CI server, the library would turn escape codes on, on a pipe too.
    private static readonly ProfileEnrichment AsItIs = new() { UseDefaultEnrichers = false };

    // A wrapped progress line could not be taken back. Spinner and margin need a few columns.
    private const int SpinnerColumns = 6;

    // One console for the output and the progress line, so that the line makes room for what is printed meanwhile.
    private static readonly Lazy<IAnsiConsole> Standard = new(() => Create(Console.Out, Console.IsOutputRedirected));

    public static IAnsiConsole Output => Standard.Value;

    /// <summary>Shows what is going on while it goes on, on a terminal only.</summary>
    public static async Task<T> WithProgressAsync<T>(string doing, Func<Action<string>, Task<T>> work)
    {
        if (Console.IsOutputRedirected && Console.IsErrorRedirected)
            return await work(_ => { });

        var console = Console.IsOutputRedirected ? Create(Console.Error, redirected: false) : Output;
        if (!console.Profile.Capabilities.Ansi)
            return await work(_ => { });

        // The progress line fills the width that the console believes in.
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

    /// <summary>Text of the outside world, which neither the terminal nor the markup obeys.</summary>
    public static string Text(string text) => Markup.Escape(UntrustedText.Bound(text, MaxText));

    /// <summary>The same for what is written without markup.</summary>
    public static string Plain(string text) => UntrustedText.Bound(text, MaxText);

    /// <summary>To the second, in UTC.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        // https://no-color.org
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
