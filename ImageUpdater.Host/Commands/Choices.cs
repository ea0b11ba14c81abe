using System.CommandLine.Parsing;
using System.Globalization;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Commands;

/// <summary>Parsers for option values: System.CommandLine's own name .NET types in their errors, and accept numbers for enum names.</summary>
internal static class Choices
{
    private const int MaxQuoted = 40;

    /// <summary>Reads one of the enum's names, in any case.</summary>
    public static T OneOf<T>(ArgumentResult argument)
        where T : struct, Enum
    {
        var text = Text(argument);
        if (Find<T>(text) is { } value)
            return value;

        argument.AddError($"invalid value '{UntrustedText.Bound(text, MaxQuoted)}' for {Option(argument)}; use one of {Names<T>(", ")}");
        return default;
    }

    /// <summary>Reads several of the enum's names, in any case, separated by commas.</summary>
    public static T[] SeveralOf<T>(ArgumentResult argument)
        where T : struct, Enum
    {
        var names = argument.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        if (names.Find(name => Find<T>(name) is null) is { } wrong)
            argument.AddError($"invalid value '{UntrustedText.Bound(wrong, MaxQuoted)}' for {Option(argument)}; use {Names<T>(", ")}, separated by commas");
        return [.. names.Select(Find<T>).OfType<T>()];
    }

    private static T? Find<T>(string text)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        return null;
    }

    /// <summary>Reads one of these values, by name, in any case; <c>md</c> and <c>yml</c> too.</summary>
    public static OutputFormat OneOf(ArgumentResult argument, IReadOnlyList<OutputFormat> formats)
    {
        var text = Text(argument);
        var name = text.ToLowerInvariant() switch
        {
            "md" => Name(OutputFormat.Markdown),
            "yml" => Name(OutputFormat.Yaml),
            var other => other,
        };
        foreach (var format in formats)
        {
            if (Name(format) == name)
                return format;
        }

        argument.AddError($"invalid value '{UntrustedText.Bound(text, MaxQuoted)}' for {Option(argument)}; use one of {string.Join(", ", formats.Select(Name))}");
        return default;
    }

    public static string Name(OutputFormat format) => format.ToString().ToLowerInvariant();

    /// <summary>The names as the help shows them: <c>text|json|markdown</c>.</summary>
    public static string Names<T>(string separator = "|")
        where T : struct, Enum => string.Join(separator, Enum.GetNames<T>().Select(name => name.ToLowerInvariant()));

    /// <summary>Reads a whole number above 0.</summary>
    public static int Count(ArgumentResult argument)
    {
        var text = Text(argument);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
            return count;

        argument.AddError($"invalid value '{UntrustedText.Bound(text, MaxQuoted)}' for {Option(argument)}; use a whole number above 0");
        return 0;
    }

    private static string Text(ArgumentResult argument) => argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";

    private static string Option(ArgumentResult argument) => (argument.Parent as OptionResult)?.Option.Name ?? argument.Argument.Name;
}
