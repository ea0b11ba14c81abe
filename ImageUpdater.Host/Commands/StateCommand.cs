using System.CommandLine;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Inspects and maintains the state store.</summary>
internal static class StateCommand
{
    public static Command Create() => new Command("state", "Inspects and maintains the state store.")
    {
        StateListCommand.Create(), StateShowCommand.Create(), Forget(), Backup(), Check(),
    };

    private static Command Forget()
    {
        var workload = new WorkloadOptions(required: true);
        var command = new Command(
            "forget",
            """
            Deletes the baselines of a workload: the next plan treats it as first seen. A quarantined digest of it is rolled out again while its
            tag serves it. Keeps its audit records. Stop the controller first.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater state forget deployment/web --namespace default
            """);
        workload.AddTo(command);
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!workload.Of(parsed).IsSuccess(out var chosen, out var problem))
                return CommandLine.Fail(problem);

            var known = (await session.Store.Reporting.LoadDecisionsAsync(cancellationToken)).Values.Select(decision => decision.Workload).Distinct().ToList();
            if (!chosen.Single(known).IsSuccess(out var key, out problem))
                return CommandLine.Fail(problem);

            var forgotten = await session.Store.Planning.ForgetAsync(key, session.Actor, cancellationToken);
            Terminal.Output.WriteLine(Terminal.Plain(forgotten == 0 ? $"{key} has no baselines in the store." : $"Deleted {Words.Count(forgotten, "baseline")} of {key}."));
            return CommandLine.Success;
        }, cancellationToken, StateStoreAccess.ReadWrite));
        return command;
    }

    private static Command Backup()
    {
        var file = new Argument<string>("FILE") { Description = "The file to write; an existing file is not replaced. Use - for standard output." };
        var command = new Command(
            "backup",
            """
            Writes a consistent copy of the store. Can be used while a controller is running. To restore, stop the controller and replace the
            store with the copy; see docs/operations.md. Use - in a container without a shell, where kubectl cp does not work.

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
            Checks the integrity of the store file and the consistency of its records. Can be used while a controller is running.

            Exit codes: 0 no problems; 1 problems found, or an error.

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

            Terminal.Output.WriteLine("No problems found.");
            return CommandLine.Success;
        }, cancellationToken));
        return command;
    }
}
