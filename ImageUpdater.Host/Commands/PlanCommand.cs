using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Host.Observing;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

internal static class PlanCommand
{
    public static Command Create()
    {
        var @namespace = GlobalOptions.Namespace();
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Wide, OutputFormat.Json, OutputFormat.Yaml, OutputFormat.Markdown) { OfOtherFiles = OutputFormat.Json };
        var fullDigests = GlobalOptions.FullDigests();
        var detailed = new Option<bool>("--detailed-exitcode") { Description = "Exit with code 2 if there is something to do." };
        var refresh = new Option<bool>("--refresh")
        {
            Description = "Query the registries. With --refresh=false, plan from the store only.",
            DefaultValueFactory = _ => true,
        };
        var command = new Command(
            "plan",
            """
            Queries the registries and shows what apply would do, and why. Stores the plan; changes nothing in the cluster.
            If a controller is running, it is asked: it checks and plans at once, and applies the plan as in any other cycle.

            Exit codes: 0 done; with --detailed-exitcode 0 nothing to do and 2 something to do; 1 error.

            Example:
              image-updater plan --namespace default --out plan.json
            """)
        { output.Format, output.File, fullDigests, detailed, refresh };
        GlobalOptions.AddNamespace(command, @namespace);

        command.SetAction((parsed, cancellationToken) => Session.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!output.Of(parsed).IsSuccess(out var target, out var problem))
                return CommandLine.Fail(problem);

            var asked = session.InUse is null
                ? await PlanAsync(session, parsed.GetValue(@namespace), parsed.GetValue(refresh), cancellationToken)
                : await session.AskAsync(controller => controller.PlanAsync(parsed.GetValue(@namespace), parsed.GetValue(refresh), cancellationToken));
            if (!asked.IsSuccess(out var plan, out problem))
                return CommandLine.Fail(problem);

            var digests = parsed.GetValue(fullDigests) || target.IsWide;
            void Print(IAnsiConsole console) => new PlanPrinter(console, digests, parsed.GetValue(GlobalOptions.Verbose)).Print(plan.Id, plan.Plan);
            // As Terraform's plan -out does: who writes a plan to a file also wants to read it.
            if (target.File is not null)
                Print(Terminal.Output);
            var written = target.Write(new Document(PlannedRestarts.Describe(plan.Plan.Counts))
            {
                Text = Print,
                Json = () => PlanJson.Write(plan.Id, plan.Plan),
                Markdown = () => PlanMarkdown.Write(plan.Id, plan.Plan),
            });
            if (written != CommandLine.Success)
                return written;

            if (target.File is not null || target.IsText)
                Next(target, plan, session.InUse is not null, session.ObserveOnly, await MeantAsync(session, plan, cancellationToken));
            return parsed.GetValue(detailed) && !plan.Plan.IsEmpty ? CommandLine.SomethingToDo : CommandLine.Success;
        }, cancellationToken, mayOnlyRead: true));
        return command;
    }

    private static async Task<Result<StoredPlanDocument, string>> PlanAsync(Session session, string? @namespace, bool refresh, CancellationToken cancellationToken)
    {
        var made = await session.PlanAsync(
            request => request with { Namespaces = GlobalOptions.Only(@namespace), Refresh = refresh ? Refresh.All : Refresh.None }, cancellationToken);
        return made.IsSuccess(out var plan, out var failure) ? new StoredPlanDocument(plan.Id, plan.Plan) : failure.Message;
    }

    // What to do next, as the last line.
    private static void Next(Output target, StoredPlanDocument plan, bool isApplied, bool isObserveOnly, string? didYouMean)
    {
        var argument = target is { Format: OutputFormat.Json, File: { } file } ? file : plan.Id;
        var approvals = plan.Plan.Wanted.Count() - plan.Plan.Changes.Count() - plan.Plan.Queued.Count();
        var next = (plan.Plan.IsEmpty, approvals) switch
        {
            _ when didYouMean is not null => didYouMean,
            (false, _) or (_, > 0) when isObserveOnly => "Observe only: nothing is applied.",
            (false, _) when isApplied => "The controller applies it; image-updater history shows the results.",
            (true, > 0) when isApplied => "To approve a digest: image-updater approve KIND/NAME",
            (false, 0) => $"To apply it: image-updater apply {argument}",
            (false, _) => $"To apply it, and approve {Words.Count(approvals, "workload")} that {(approvals == 1 ? "is" : "are")} held for approval: image-updater apply {argument}",
            (true, > 0) => $"To approve {Words.Count(approvals, "workload")} that {(approvals == 1 ? "is" : "are")} held for approval, and restart {(approvals == 1 ? "it" : "them")}: image-updater apply {argument}",
            _ => null,
        };
        if (next is not null)
            Terminal.Output.WriteLine(Terminal.Plain(next));
    }

    // The namespaces that the store knows: a wrong one has no workloads, and the API server does not say that it does not exist.
    private static async Task<string?> MeantAsync(Session session, StoredPlanDocument plan, CancellationToken cancellationToken)
    {
        if (plan.Plan is not { Scope.Namespaces: [var only], Workloads.Count: 0, NotEnabled: 0 })
            return null;

        var known = (await session.Store.Reporting.LoadDecisionsAsync(cancellationToken)).Values.Select(decision => decision.Workload.Namespace);
        return ClosestName.Find(only, [.. known.Distinct(StringComparer.Ordinal)]) is { } close && close != only ? $"Did you mean --namespace {close}?" : null;
    }
}
