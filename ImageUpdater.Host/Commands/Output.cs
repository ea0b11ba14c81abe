using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>The result of a command in the formats that it has; null for those it has not.</summary>
/// <param name="Summary">What the file contains, for <c>wrote FILE (…)</c>.</param>
internal sealed record Document(string Summary)
{
    /// <summary>Also for <see cref="OutputFormat.Wide"/>.</summary>
    public Action<IAnsiConsole>? Text { get; init; }

    /// <summary>Also for <see cref="OutputFormat.Yaml"/>.</summary>
    public Func<string>? Json { get; init; }

    public Func<string>? Markdown { get; init; }

    public Func<string>? Html { get; init; }
}

/// <summary>Where the result of a command goes, and in which format.</summary>
/// <param name="File">Null for standard output.</param>
internal sealed record Output(OutputFormat Format, string? File)
{
    public bool IsWide => Format == OutputFormat.Wide;

    public bool IsText => Format is OutputFormat.Text or OutputFormat.Wide;

    /// <returns>The exit code of the command.</returns>
    public int Write(Document document)
    {
        if (File is null && IsText)
        {
            document.Text!(Terminal.Output);
            return CommandLine.Success;
        }

        var text = Render(document);
        if (File is null)
        {
            Console.Out.Write(text);
            return CommandLine.Success;
        }

        if (OutputFile.Write(File, text) is { } problem)
            return CommandLine.Fail(problem);
        Terminal.Output.WriteLine(Terminal.Plain($"wrote {File} ({document.Summary})"));
        return CommandLine.Success;
    }

    private string Render(Document document) => Format switch
    {
        OutputFormat.Json => document.Json!(),
        OutputFormat.Yaml => YamlText.OfJson(document.Json!()),
        OutputFormat.Markdown => document.Markdown!(),
        OutputFormat.Html => document.Html!(),
        _ => Terminal.Render(document.Text!),
    };
}
