using System.CommandLine;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Commands;

/// <summary>The options <c>--output</c> and <c>--out</c>, which mean the same for every command that reads.</summary>
/// <param name="formats">Those of the command; the first one is the default.</param>
internal sealed class OutputOptions(params OutputFormat[] formats)
{
    private static readonly Dictionary<string, OutputFormat> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        [".json"] = OutputFormat.Json,
        [".yaml"] = OutputFormat.Yaml,
        [".yml"] = OutputFormat.Yaml,
        [".md"] = OutputFormat.Markdown,
        [".markdown"] = OutputFormat.Markdown,
        [".html"] = OutputFormat.Html,
        [".htm"] = OutputFormat.Html,
    };

    public Option<OutputFormat> Format { get; } = WithCompletions(new("--output", "-o")
    {
        Description = $"Output format. Default: by the ending of the file of --out, else {Name(formats[0])}.",
        HelpName = string.Join('|', formats.Select(Name)),
        CustomParser = argument => Choices.OneOf(argument, formats),
    }, formats);

    public Option<string?> File { get; } = new("--out") { Description = "Write to this file instead of standard output, which is also -.", HelpName = "FILE" };

    /// <summary>The format of a file whose name says none.</summary>
    public OutputFormat OfOtherFiles { get; init; } = formats[0];

    /// <summary>The format and the file, or why they don't go together.</summary>
    public Result<Output, string> Of(ParseResult parsed)
    {
        // As for state backup, and most programs.
        var file = parsed.GetValue(File) is var given && given == "-" ? null : given;
        if (parsed.GetResult(Format) is { Implicit: false })
            return new Output(parsed.GetValue(Format), file);
        if (file is null)
            return new Output(formats[0], File: null);
        if (!Endings.TryGetValue(Path.GetExtension(file), out var format))
            return new Output(OfOtherFiles, file);

        return formats.Contains(format)
            ? new Output(format, file)
            : $"{parsed.CommandResult.Command.Name} cannot write {Name(format)}, which the name of '{UntrustedText.Bound(file)}' stands for; use {string.Join(", ", Endings.Where(ending => formats.Contains(ending.Value)).Select(ending => ending.Key))}, or --output";
    }

    // Not the names of the enum, of which a command has only some.
    private static Option<OutputFormat> WithCompletions(Option<OutputFormat> option, OutputFormat[] formats)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. formats.Select(Name)]);
        return option;
    }

    private static string Name(OutputFormat format) => Choices.Name(format);
}
