using System.CommandLine;
using System.CommandLine.Parsing;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Commands;

/// <summary>A command line that can't be understood, as one sentence that ends with how it is used.</summary>
internal static class UsageError
{
    private const int MaxQuoted = 80;

    /// <summary>Null when all of it is understood, or when it asks for help.</summary>
    public static string? Message(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var problems = parsed.Errors.Count == 0 ? [] : Problems(parsed);
        var flags = IsForHelp(parsed) ? [] : NotFlags(parsed, arguments);
        var all = string.Join("; ", flags.Concat(problems).Distinct(StringComparer.Ordinal));
        return all.Length == 0 ? null : $"{all}; usage: {Usage(parsed.CommandResult.Command)}";
    }

    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.Count > 0)
            return parsed.UnmatchedTokens.Select(token => $"'{UntrustedText.Bound(token, MaxQuoted)}' is no {KindOf(token, command)} of {PathOf(command)}");
        return command.Subcommands.Count > 0 ? ["no command is given"] : parsed.Errors.Select(error => InAMessage(error.Message));
    }

    // The parser takes --wait=maybe for the flag and an argument: what was meant as "no" would count as "yes".
    private static IEnumerable<string> NotFlags(ParseResult parsed, IEnumerable<string> arguments)
    {
        var flags = Options(parsed.CommandResult).Where(option => option.ValueType == typeof(bool)).Select(option => option.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var argument in arguments.TakeWhile(argument => argument != "--"))
        {
            if (argument.IndexOfAny(['=', ':']) is var end and > 0 && flags.Contains(argument[..end]) && !bool.TryParse(argument[(end + 1)..], out _))
                yield return $"{argument[..end]} is true or false, not '{UntrustedText.Bound(argument[(end + 1)..], MaxQuoted)}'";
        }
    }

    private static IEnumerable<Option> Options(CommandResult result)
    {
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            foreach (var option in (at as CommandResult)?.Command.Options ?? [])
                yield return option;
        }
    }

    private static bool IsForHelp(ParseResult parsed) => parsed.Action is HelpText;

    private static string InAMessage(string message) => char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');

    private static string KindOf(string token, Command command) =>
        token.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private static string Usage(Command command)
    {
        if (command.Subcommands.Count > 0)
            return $"{PathOf(command)} {string.Join('|', command.Subcommands.Select(subcommand => subcommand.Name))} [options], and --help tells more";

        var arguments = command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? $" {argument.Name}" : $" [{argument.Name}]");
        return $"{PathOf(command)}{string.Concat(arguments)} [options], and --help tells more";
    }
}
