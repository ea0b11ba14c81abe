using System.CommandLine;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Planning;
using ImageUpdater.Host.Applying;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class ApplyCommand
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    public static Command Create()
    {
        var plan = new Argument<string?>("PLAN")
        {
            Description = "A plan to apply: its id, or a file that plan --out wrote. Without it a plan is made, and asked about.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var @namespace = GlobalOptions.Namespace();
        var approve = new Option<bool>("--auto-approve") { Description = "Do not ask." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the rollouts end; --wait=false returns once they began.", DefaultValueFactory = _ => true };
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "How long to wait for the rollouts, for example 90s. They go on without us. Default: 15m.",
            HelpName = "SPAN",
            CustomParser = argument => Durations.Read(argument),
        };
        var command = new Command(
            "apply",
            """
            Restarts what the plan says: one patch of the pod template for each workload. Kubernetes does the rollout.

            Exit codes: 0 done; 1 error; 3 a rollout failed or did not end in time; 4 the plan is stale.

            Example:
              image-updater apply --auto-approve
            """)
        { plan, @namespace, approve, wait, timeout };

        command.SetAction((parsed, ct) => Session.UseAsync(parsed, async session =>
        {
            var console = Terminal.Output;
            var chosen = await ChooseAsync(session, console, parsed.GetValue(plan), parsed.GetValue(@namespace), ct);
            if (chosen.Plan is not { } made)
                return chosen.ExitCode;

            PlanPrinter.Print(console, made.Id, made.Plan);
            if (made.Plan.Changes.Any() && !parsed.GetValue(approve) && !Approved(console))
                return CommandLine.Fail("not approved; nothing was changed. Answer yes, or pass --auto-approve");

            var applied = made.Plan.Changes.Any() ? await session.ApplyAsync(made, ct) : [];
            foreach (var change in applied)
                console.MarkupLine($"{Mark(change.Outcome)} {Markup.Escape(change.Workload.ToString())}: {Markup.Escape(change.Sentence)}");

            // Also those that an earlier apply did not wait for: nobody else may be there to see how they end.
            var scope = made.Plan.Scope;
            var rollouts = (await session.Store.OpenRolloutsAsync(ct)).Where(rollout => rollout.State == RolloutState.Running && scope.Covers(rollout.Workload))
                .Select(rollout => rollout.Id).ToHashSet(StringComparer.Ordinal);
            var allEnded = !parsed.GetValue(wait) || await WaitAsync(session, console, rollouts, parsed.GetValue(timeout) ?? LongestWait, ct);
            if (applied.Count(change => change.Outcome is ApplyOutcome.Failed or ApplyOutcome.Unknown) is var failed and > 0)
                return CommandLine.Fail($"{failed} of {applied.Count} changes could not be made; the lines marked x say why");
            return allEnded ? CommandLine.Success : CommandLine.RolloutFailed;
        }, ct));
        return command;
    }

    private static async Task<(MadePlan? Plan, int ExitCode)> ChooseAsync(Session session, IAnsiConsole console, string? wanted, string? @namespace, CancellationToken ct)
    {
        if (wanted is null)
        {
            var made = await session.PlanAsync(GlobalOptions.Only(@namespace), ct);
            return made.IsSuccess(out var fresh, out var failure) ? (fresh, CommandLine.Success) : (null, CommandLine.Fail(failure.Sentence));
        }

        var found = await StoredPlans.FindAsync(session.Store, wanted, ct);
        if (!found.IsSuccess(out var stored, out var problem))
            return (null, CommandLine.Fail(problem));
        if (stored.IsApplied)
        {
            console.MarkupLine($"Plan {Markup.Escape(stored.Id)} was applied already. [green]Nothing to do.[/]");
            return (null, CommandLine.Success);
        }

        var again = await session.PlanAsync(stored.Plan.Scope.Namespaces, ct);
        if (!again.IsSuccess(out var now, out var unreadable))
            return (null, CommandLine.Fail(unreadable.Sentence));

        var differences = PlanStaleness.Compare(stored.Plan, now.Plan);
        if (differences.Count > 0)
        {
            await StoredPlans.MarkAsync(session.Store, stored.Id, PlanStatus.Stale, ct);
            CommandLine.Fail($"plan {stored.Id} is stale, and nothing was changed: {(differences.Count == 1 ? differences[0] : $"{differences.Count} things are otherwise now")}");
            foreach (var difference in differences.Count == 1 ? [] : differences)
                Console.Error.WriteLine($"  {difference}");
            return (null, CommandLine.Stale);
        }

        // What else has changed since is not what was approved.
        var keys = stored.Plan.Changes.Select(change => change.Key).ToHashSet();
        var approved = now.Plan with { Workloads = [.. now.Plan.Workloads.Where(workload => keys.Contains(workload.Key))] };
        return (now with { Id = stored.Id, Plan = approved }, CommandLine.Success);
    }

    private static bool Approved(IAnsiConsole console)
    {
        console.MarkupLine("[bold]Restart these workloads?[/] Only 'yes' will be accepted: ");
        return Console.In.ReadLine()?.Trim() == "yes";
    }

    private static async Task<bool> WaitAsync(Session session, IAnsiConsole console, HashSet<string> rollouts, TimeSpan timeout, CancellationToken ct)
    {
        if (rollouts.Count == 0)
            return true;

        var allWell = true;
        var until = session.Time.GetUtcNow() + timeout;
        return await Terminal.WithProgressAsync("waiting for the rollouts", async show =>
        {
            while (true)
            {
                foreach (var tracked in await session.Engine.Tracker.LookAsync(ct))
                {
                    if (!rollouts.Contains(tracked.Rollout.Id))
                        continue;
                    if (tracked.State == RolloutState.Running)
                    {
                        show($"{tracked.Rollout.Workload}: {tracked.Explanation}");
                        continue;
                    }

                    rollouts.Remove(tracked.Rollout.Id);
                    var well = tracked.State == RolloutState.Succeeded;
                    allWell &= well || tracked.State == RolloutState.Superseded;
                    var detail = tracked.Rollout.ProofDetail is { } proof ? $"; {proof}" : "";
                    console.MarkupLine($"{(well ? "[green]ok[/]" : "[red]x[/]")} {Markup.Escape($"{tracked.Rollout.Workload}: {tracked.Explanation}{detail}")}");
                }

                if (rollouts.Count == 0)
                    return allWell;
                if (session.Time.GetUtcNow() >= until)
                {
                    CommandLine.Fail($"{Words.Count(rollouts.Count, "rollout")} did not end within {Words.Span(timeout)}; Kubernetes goes on with them, and history tells how they end once run, or another apply, looks");
                    return false;
                }

                await Task.Delay(LookEvery, session.Time, ct);
            }
        });
    }

    private static string Mark(ApplyOutcome outcome) => outcome switch
    {
        ApplyOutcome.Restarted or ApplyOutcome.FinalizerRemoved => "[green]~[/]",
        ApplyOutcome.NotNeeded => "[grey]-[/]",
        _ => "[red]x[/]",
    };
}
