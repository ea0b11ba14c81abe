using System.CommandLine;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Host.Planning;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class ApplyCommand
{
    public static Command Create()
    {
        var plan = new Argument<string?>("PLAN")
        {
            Description = "The plan to apply: its id, or a file written by plan --out. Default: make a new plan and ask for approval.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var @namespace = GlobalOptions.Namespace();
        var approve = new Option<bool>("--auto-approve") { Description = "Apply without asking for approval." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the rollouts end. With --wait=false, return as soon as they have started.", DefaultValueFactory = _ => true };
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            Description = "Maximum time to wait for the rollouts, for example 90s; Kubernetes continues them after that. Default: 15m after the last restart.",
            HelpName = "DURATION",
            CustomParser = argument => SpanOption.Read(argument),
        };
        var fullDigests = GlobalOptions.FullDigests();
        var command = new Command(
            "apply",
            """
            Applies a plan: restarts each workload in it with one patch of its pod template; Kubernetes does the rollout. Workloads beyond
            the rollout limit are queued and restarted as slots become free. Applying a PLAN approves the digests in it that require approval.
            A workload whose rollout fails is pinned to its previous digest if its annotation on-failure is pin-previous.

            Exit codes: 0 done; 1 error; 3 a rollout failed, timed out, was reverted or ended with a mismatch; 4 the plan is stale.

            Example:
              image-updater apply --auto-approve
            """)
        { plan, approve, wait, timeout, fullDigests };
        GlobalOptions.AddNamespace(command, @namespace);
        command.Validators.Add(result =>
        {
            if (result.GetValue(plan) is not null && result.GetResult(@namespace) is { Implicit: false })
                result.AddError("use either PLAN, which has the namespaces that it was made for, or --namespace");
        });

        command.SetAction((parsed, cancellationToken) => Session.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (session.ObserveOnly)
                return CommandLine.Fail(Session.ObserveOnlyMessage);

            var console = Terminal.Output;
            var chosen = await ChooseAsync(session, console, parsed.GetValue(plan), parsed.GetValue(@namespace), cancellationToken);
            if (chosen.Plan is not { } made)
                return chosen.ExitCode;

            new PlanPrinter(console, parsed.GetValue(fullDigests), parsed.GetValue(GlobalOptions.Verbose)).Print(made.Id, made.Plan);
            if (!made.Plan.IsEmpty && !parsed.GetValue(approve) && !await Confirmation.AskAsync(console, Question(made.Plan), cancellationToken))
                return CommandLine.Fail("not approved; nothing was changed. Answer yes, or use --auto-approve");

            return await new ApplyRun(session, console, parsed.GetValue(wait), parsed.GetValue(timeout)).ApplyAsync(made, cancellationToken);
        }, cancellationToken, mayChange: true));
        return command;
    }

    private static async Task<(MadePlan? Plan, int ExitCode)> ChooseAsync(Session session, IAnsiConsole console, string? wanted, string? @namespace, CancellationToken cancellationToken)
    {
        if (wanted is null)
        {
            var made = await session.PlanAsync(request => request with { Namespaces = GlobalOptions.Only(@namespace) }, cancellationToken);
            return made.IsSuccess(out var fresh, out var failure) ? (fresh, CommandLine.Success) : (null, CommandLine.Fail(failure.Message));
        }

        var found = await StoredPlans.FindAsync(session.Store, wanted, cancellationToken);
        if (!found.IsSuccess(out var stored, out var problem))
            return (null, CommandLine.Fail(problem));
        if (stored.IsApplied)
        {
            console.MarkupLine($"Plan {Markup.Escape(stored.Id)} has already been applied. [green]Nothing to do.[/]");
            return (null, CommandLine.Success);
        }

        // Applying a stored plan by hand is the approval of the digests it shows.
        var approvedDigests = ApplyRun.DigestsOf(stored.Plan.Wanted);
        var again = await session.PlanAsync(request => request with { Namespaces = stored.Plan.Scope.Namespaces, Approved = approvedDigests }, cancellationToken);
        if (!again.IsSuccess(out var now, out var unreadable))
            return (null, CommandLine.Fail(unreadable.Message));

        var differences = PlanStaleness.Compare(stored.Plan, now.Plan);
        if (differences.Count > 0)
        {
            await StoredPlans.MarkAsync(session.Store, stored.Id, PlanStatus.Stale, cancellationToken);
            CommandLine.Fail($"plan {stored.Id} is stale; nothing was changed: {(differences.Count == 1 ? differences[0] : $"{differences.Count} differences")}");
            foreach (var difference in differences.Count == 1 ? [] : differences)
                Console.Error.WriteLine($"  {difference}");
            return (null, CommandLine.Stale);
        }

        // Changes that came up after the plan was made were not approved.
        var keys = stored.Plan.Wanted.Select(change => change.Key).ToHashSet();
        var approved = now.Plan with { NotEnabled = null, Workloads = [.. now.Plan.Workloads.Where(workload => keys.Contains(workload.Key))] };
        return (now with { Id = stored.Id, Plan = approved }, CommandLine.Success);
    }

    private static string Question(RolloutPlan plan)
    {
        var counts = plan.Counts;
        var restarts = counts.Restart + counts.Queued;
        var finalizers = plan.Workloads.Count(workload => workload.RemoveLegacyFinalizer);
        return (restarts, finalizers) switch
        {
            (0, _) => $"Remove the finalizer of {Words.Count(finalizers, "workload")}?",
            (_, 0) => $"Restart {Words.Count(restarts, "workload")}{PlannedRestarts.Split(counts)}?",
            _ => $"Restart {Words.Count(restarts, "workload")}{PlannedRestarts.Split(counts)}, and remove the finalizer of {Words.Count(finalizers, "workload")}?",
        };
    }
}
