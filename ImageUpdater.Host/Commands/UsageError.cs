using System.CommandLine;
using System.CommandLine.Parsing;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Commands;

/// <summary>The message for an invalid command line: its problems, then the usage of the command.</summary>
internal static class UsageError
{
    private const int MaxQuoted = 80;

    /// <summary>Null if the command line is valid, or asks for help.</summary>
    public static string? Message(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var problems = parsed.Errors.Count == 0 ? [] : Problems(parsed);
        var flags = IsForHelp(parsed) ? [] : NotFlags(parsed, arguments);
        var options = IsForHelp(parsed) ? [] : OptionsTakenAsArguments(parsed, arguments);
        var all = string.Join("; ", flags.Concat(options).Concat(problems).Distinct(StringComparer.Ordinal));
        return all.Length == 0 ? null : $"{all}{(all.EndsWith('?') ? "" : ";")} usage: {Usage(parsed.CommandResult.Command)}";
    }

    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // What follows an unknown option is probably its value, so it is not reported as an argument.
        var unknown = parsed.UnmatchedTokens.Where(token => token.StartsWith('-')).ToList();
        if (parsed.UnmatchedTokens.Count > 0)
            return (unknown.Count > 0 ? unknown : parsed.UnmatchedTokens).Select(token => Unmatched(token, parsed.CommandResult));
        return command.Subcommands.Count > 0 ? ["missing command"] : parsed.Errors.Select(error => InAMessage(error.Message));
    }

    // The parser reads --wait=maybe as the flag followed by an argument, which would turn the flag on.
    private static IEnumerable<string> NotFlags(ParseResult parsed, IEnumerable<string> arguments)
    {
        var flags = Options(parsed.CommandResult).Where(option => option.ValueType == typeof(bool)).Select(option => option.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var argument in arguments.TakeWhile(argument => argument != "--"))
        {
            if (argument.IndexOfAny(['=', ':']) is var end and > 0 && flags.Contains(argument[..end]) && !bool.TryParse(argument[(end + 1)..], out _))
                yield return $"invalid value '{UntrustedText.Bound(argument[(end + 1)..], MaxQuoted)}' for {argument[..end]}; use true or false";
        }
    }

    // The parser takes an option that it does not know as the argument of a command that has one: history --faild would show the records of a workload
    // of that name. What follows -- is an argument.
    private static IEnumerable<string> OptionsTakenAsArguments(ParseResult parsed, IEnumerable<string> arguments)
    {
        var before = arguments.TakeWhile(argument => argument != "--").ToHashSet(StringComparer.Ordinal);
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
            .Where(token => token.Length > 1 && token.StartsWith('-') && before.Contains(token))
            .Select(token => Unmatched(token, parsed.CommandResult));
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

    private static string Unmatched(string token, CommandResult result)
    {
        var commands = result.Command.Subcommands;
        var quoted = $"'{UntrustedText.Bound(token, MaxQuoted)}'";
        if (token.StartsWith('-'))
            return $"unknown option {quoted}{Suggestion(token, Options(result).Select(option => option.Name))}";
        return commands.Count > 0 ? $"unknown command {quoted}{Suggestion(token, commands.Where(known => !known.Hidden).Select(command => command.Name))}" : $"unexpected argument {quoted}";
    }

    private static string Suggestion(string token, IEnumerable<string> known) => ClosestName.Find(token, [.. known]) is { } close ? $"; did you mean '{close}'?" : "";

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private static string Usage(Command command)
    {
        if (command.Subcommands.Count > 0)
            return $"{PathOf(command)} {string.Join('|', command.Subcommands.Where(subcommand => !subcommand.Hidden).Select(subcommand => subcommand.Name))} [options]; see --help";

        var arguments = command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? $" {argument.Name}" : $" [{argument.Name}]");
        return $"{PathOf(command)}{string.Concat(arguments)} [options]; see --help";
    }
}
