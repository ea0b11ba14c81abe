using System.CommandLine;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Commands;

/// <summary>The workload that a command is about, written as for kubectl, and the options <c>-n</c> and <c>-A</c>.</summary>
internal sealed class WorkloadOptions
{
    private readonly Argument<string[]> words;
    private readonly Option<string?> @namespace = GlobalOptions.Namespace();

    /// <param name="required">False for a command that is about all workloads without it.</param>
    /// <param name="others">What else the command takes, for the help; null for nothing.</param>
    public WorkloadOptions(bool required, string? others = null)
    {
        var what = others is null ? "KIND/NAME" : "WHAT";
        words = new Argument<string[]>(what)
        {
            Description = $"{(required ? "The" : "Only this")} workload, as for kubectl: deployment/web, deploy web, or web{others}.",
            // Without it, the help shows the completions.
            HelpName = what,
            Arity = new ArgumentArity(required ? 1 : 0, 2),
        };
        words.CompletionSources.Add(context => [Placeholder.OfWorkloads(context, context.ParseResult.GetValue(@namespace))]);
    }

    public void AddTo(Command command)
    {
        command.Add(words);
        GlobalOptions.AddNamespace(command, @namespace);
    }

    public string[] Words(ParseResult parsed) => parsed.GetValue(words) ?? [];

    public string? NamespaceOf(ParseResult parsed) => parsed.GetValue(@namespace);

    /// <summary>Which workloads are meant, or why that can't be read.</summary>
    public Result<WorkloadChoice, string> Of(ParseResult parsed) => WorkloadChoice.Read(Words(parsed), parsed.GetValue(@namespace));
}
