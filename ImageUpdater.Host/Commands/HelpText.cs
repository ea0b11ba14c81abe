using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ImageUpdater.Host.Commands;

/// <summary>The standard help. The list of commands shows the first sentence of each; exit codes and examples are in the command's own help.</summary>
internal sealed class HelpText(HelpAction standard) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        foreach (var command in parseResult.CommandResult.Command.Subcommands)
            command.Description = command.Description?.ReplaceLineEndings(" ").Split(". ")[0].TrimEnd('.') + ".";
        return standard.Invoke(parseResult);
    }
}
