using System.CommandLine;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class HistoryCommand
{
    public static Command Create()
    {
        var workload = new Argument<string?>("KIND/NAME") { Description = "Only this workload, for example deployment/web.", Arity = ArgumentArity.ZeroOrOne };
        var @namespace = GlobalOptions.Namespace();
        var limit = new Option<int>("--limit") { Description = "Maximum number of records.", HelpName = "N", CustomParser = Choices.Count, DefaultValueFactory = _ => 50 };
        var command = new Command(
            "history",
            """
            Shows the audit records, newest first: each restart and each changed decision, with its time, actor and reason.
            Can be used while a controller is running.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater history deployment/web --namespace default
            """)
        { workload, @namespace, limit };

        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            var filter = new AuditFilter { Namespace = parsed.GetValue(@namespace), Limit = parsed.GetValue(limit) };
            if (parsed.GetValue(workload) is { } text)
            {
                if (!WorkloadArgument.Read(text).IsSuccess(out var named, out var problem))
                    return CommandLine.Fail(problem);
                filter = filter with { Kind = named.Kind, Name = named.Name };
            }

            var console = Terminal.Output;
            var records = await session.Store.Reporting.AuditAsync(filter, cancellationToken);
            foreach (var record in records)
                Print(console, record);
            if (records.Count == 0)
                console.WriteLine("No records found.");
            return CommandLine.Success;
        }, cancellationToken));
        return command;
    }

    public static void Print(IAnsiConsole console, AuditRecord record)
    {
        var colour = record.Action switch
        {
            AuditAction.RolloutFailed or AuditAction.RestartFailed or AuditAction.Quarantined or AuditAction.RolloutMismatch or AuditAction.RolloutReverted => "red",
            AuditAction.Restarted or AuditAction.RolloutSucceeded => "green",
            _ => "default",
        };
        console.MarkupLine($"[grey]{Terminal.Moment(record.At)}[/]  {Terminal.Text(record.Workload.ToString())}  [{colour}]{Words.Of(record.Action)}[/]: {Terminal.Text(record.Message)}  [grey]({Terminal.Text(record.Actor)})[/]");
    }
}
