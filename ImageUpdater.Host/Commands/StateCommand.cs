using System.CommandLine;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Reads and looks after the state session.Store.</summary>
internal static class StateCommand
{
    public static Command Create() => new Command("state", "Reads and looks after the state session.Store.")
    {
        List(), StateShowCommand.Create(), Forget(), Backup(), Check(),
    };

    private static Command List()
    {
        var @namespace = GlobalOptions.Namespace();
        var command = new Command(
            "list",
            """
            Every container that the store knows, with its baseline and the decision that stands. Works beside a running controller.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater state list --namespace default
            """)
        { @namespace };
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            var baselines = await session.Store.Reporting.LoadBaselinesAsync(cancellationToken);
            var only = parsed.GetValue(@namespace);
            var decisions = (await session.Store.Reporting.LoadDecisionsAsync(cancellationToken)).Values
                .Where(decision => only is null || decision.Workload.Namespace == only)
                .OrderBy(decision => decision.Workload).ThenBy(decision => decision.Id.Container, StringComparer.Ordinal);
            var console = Terminal.Output;
            foreach (var decision in decisions)
            {
                var baseline = baselines.GetValueOrDefault(decision.Id)?.Digest.Abbreviated ?? "no baseline";
                console.WriteLine(Terminal.Plain($"{decision.Workload} {decision.Id.Container}  {decision.ImageText}  {baseline}  {decision.Explanation}"));
            }

            return CommandLine.Success;
        }, cancellationToken));
        return command;
    }

    private static Command Forget()
    {
        var workload = new Argument<string>("KIND/NAME") { Description = "The workload, for example deployment/web." };
        var @namespace = GlobalOptions.Namespace();
        @namespace.Required = true;
        var command = new Command(
            "forget",
            """
            Drops the baselines of a workload: the next plan meets it as on first sight. Its audit records stay. Not while a controller runs.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater state forget deployment/web --namespace default
            """)
        { workload, @namespace };
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!WorkloadArgument.Read(parsed.GetRequiredValue(workload)).IsSuccess(out var named, out var problem))
                return CommandLine.Fail(problem);

            var key = new WorkloadKey(parsed.GetRequiredValue(@namespace)!, named.Kind, named.Name);
            var forgotten = await session.Store.Planning.ForgetAsync(key, session.Actor, cancellationToken);
            Terminal.Output.WriteLine(Terminal.Plain(forgotten == 0 ? $"Nothing is known of {key}." : $"Forgot {key}: {forgotten} baselines."));
            return CommandLine.Success;
        }, cancellationToken, StateStoreAccess.ReadWrite));
        return command;
    }

    private static Command Backup()
    {
        var file = new Argument<string>("FILE") { Description = "The copy to write. A file that exists is not replaced. - is the standard output." };
        var command = new Command(
            "backup",
            """
            Writes a consistent copy of the store, also while a controller runs. To restore, stop the controller and put the copy in the store's place;
            docs/operations.md has the steps. With - the copy goes to the standard output, for where no file can be fetched from.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater state backup state-backup.db
              kubectl exec deployment/image-updater -- image-updater state backup - > state-backup.db
            """)
        { file };
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (parsed.GetRequiredValue(file) == "-")
                return await BackupStream.WriteAsync(session.Store.Upkeep, cancellationToken);

            var made = await session.Store.Upkeep.BackupAsync(parsed.GetRequiredValue(file), cancellationToken);
            if (!made.IsSuccess(out var backup, out var problem))
                return CommandLine.Fail(problem);

            Terminal.Output.WriteLine(Terminal.Plain($"{backup.Path}: {backup.SizeBytes} bytes"));
            return CommandLine.Success;
        }, cancellationToken));
        return command;
    }

    private static Command Check()
    {
        var command = new Command(
            "check",
            """
            Checks the store: that the file is whole, and that what is in it fits together. Works beside a running controller.

            Exit codes: 0 clean; 1 problems, or an error.

            Example:
              image-updater state check
            """);
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            var problems = await session.Store.Upkeep.CheckAsync(cancellationToken);
            foreach (var problem in problems)
                CommandLine.Warn(problem);
            if (problems.Count > 0)
                return CommandLine.Error;

            Terminal.Output.WriteLine("The store is clean.");
            return CommandLine.Success;
        }, cancellationToken));
        return command;
    }
}
