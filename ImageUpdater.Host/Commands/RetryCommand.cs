using System.CommandLine;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Requests;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Releases the held digests of a workload whose rollout failed, ended with a mismatch or was reverted.</summary>
internal static class RetryCommand
{
    public static Command Create()
    {
        var workload = new WorkloadOptions(required: true);
        var command = new Command(
            "retry",
            """
            Releases the held digests of a workload (quarantined, reverted, mismatch): the served one is rolled out again, subject to the other
            holds. Can be used while a controller is running, which then does it within seconds; otherwise, the next apply does it.

            Exit codes: 0 done; 1 nothing to retry, or an error.

            Example:
              image-updater retry deployment/web --namespace default
            """);
        workload.AddTo(command);
        command.SetAction((parsed, cancellationToken) => StoreSession.UseAsync(
            parsed,
            (session, cancellationToken) => workload.Of(parsed).IsSuccess(out var chosen, out var problem)
                ? RetryAsync(session, chosen, cancellationToken)
                : Task.FromResult(CommandLine.Fail(problem)),
            cancellationToken, StateStoreAccess.ReadWrite, orReadOnly: true));
        return command;
    }

    private static async Task<int> RetryAsync(StoreSession session, WorkloadChoice chosen, CancellationToken cancellationToken)
    {
        var held = (await session.Store.Planning.LoadAsync(cancellationToken)).Quarantine.Where(entry => chosen.Names(entry.Workload)).ToList();
        var workloads = held.Select(entry => entry.Workload).Distinct().ToList();
        if (workloads.Count > 1)
            return CommandLine.Fail($"{chosen} is held as {string.Join(" and ", workloads.Order())}; say which one");
        if (workloads.Count == 0)
        {
            var known = (await session.Store.Reporting.LoadDecisionsAsync(cancellationToken)).Values.Select(decision => decision.Workload).ToList();
            var hint = known.Exists(chosen.Names) ? $"; run image-updater explain {chosen.Text} to see its decision" : chosen.DidYouMean(known);
            return CommandLine.Fail($"nothing to retry for {chosen}: no digest is quarantined, reverted or held as a mismatch{hint}");
        }

        return held.TrueForAll(entry => entry.RetryBy is not null)
            ? Print($"{workloads[0]}: a retry was already requested by {held[0].RetryBy}.")
            : await RetryAsync(session, workloads[0], held, cancellationToken);
    }

    private static async Task<int> RetryAsync(StoreSession session, WorkloadKey workload, List<QuarantinedDigest> held, CancellationToken cancellationToken)
    {
        if (session.Store.IsReadOnly)
        {
            session.Store.Retries.Add(new RetryRequest(workload, session.Actor));
            return Print($"{workload}: retry requested; the process that is using the state store will carry it out.");
        }

        await session.Store.Planning.RetryAsync(workload, session.Actor, cancellationToken);
        var digests = string.Join(", ", held.Select(entry => $"{entry.Id.Container} {entry.Digest.Abbreviated}"));
        return Print($"{workload}: {Words.Count(held.Count, "held digest")} released ({digests}). Run image-updater apply to roll out what the registry serves.");
    }

    private static int Print(string message)
    {
        Terminal.Output.WriteLine(Terminal.Plain(message));
        return CommandLine.Success;
    }
}
