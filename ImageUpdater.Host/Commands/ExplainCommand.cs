using System.CommandLine;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Persistence;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Shows why one workload is restarted or not, from the plan of its namespace and its audit records.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var workload = new WorkloadOptions(required: true);
        var limit = new Option<int>("--limit") { Description = "Maximum number of audit records.", HelpName = "N", CustomParser = Choices.Count, DefaultValueFactory = _ => 20 };
        var output = new OutputOptions(OutputFormat.Text, OutputFormat.Json, OutputFormat.Yaml);
        var command = new Command(
            "explain",
            """
            Shows the decision for each container of a workload: why it is restarted or not, what holds it and until when, and its earlier
            decisions and restarts. Queries the registries; if a controller is running, it does that, and rolls out what it finds as after any
            other check. Otherwise changes nothing in the cluster.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater explain deployment/web --namespace default
            """)
        { limit, output.Format, output.File };
        workload.AddTo(command);

        command.SetAction((parsed, cancellationToken) => Session.UseAsync(parsed, async (session, cancellationToken) =>
        {
            if (!workload.Of(parsed).IsSuccess(out var chosen, out var problem) || !output.Of(parsed).IsSuccess(out var target, out problem))
                return CommandLine.Fail(problem);

            // A wrong name is explained below.
            var selection = new CheckSelection(chosen.Namespace, chosen.Kind, chosen.Name);
            if (session.InUse is not null && (await session.AskAsync(controller => controller.CheckAsync(selection, cancellationToken))).Failure is { } notAsked && !notAsked.StartsWith(CheckedImages.NoneFound, StringComparison.Ordinal))
                CommandLine.Warn($"the last observations in the store are used: {notAsked}");
            if (!(await session.LookAsync(chosen.Namespace, cancellationToken)).IsSuccess(out var plan, out var failure))
                return CommandLine.Fail(failure.Message);

            var found = plan.Plan.Workloads.Where(candidate => chosen.Names(candidate.Key)).ToList();
            return found.Count == 0
                ? CommandLine.Fail(NotFound(chosen, plan))
                : await ExplainAsync(session, found, plan.Input, parsed.GetValue(limit), target, cancellationToken);
        }, cancellationToken, mayOnlyRead: true));
        return command;
    }

    private static string NotFound(WorkloadChoice chosen, MadePlan plan)
    {
        if (plan.Input.NotEnabled?.Mistakes.FirstOrDefault(mistake => chosen.Names(mistake.Workload)) is { } mistake)
            return $"{mistake.Workload} is not enabled: {mistake.Why}";

        var hint = chosen.DidYouMean(plan.Plan.Workloads.Select(workload => workload.Key));
        return $"no enabled {chosen} found{(hint.Length > 0 ? hint : $"; set the annotation {Annotations.Enabled}: \"true\" on the workload itself")}";
    }

    private static async Task<int> ExplainAsync(
        Session session, IReadOnlyList<WorkloadPlan> workloads, PlanningInput input, int limit, Output target, CancellationToken cancellationToken)
    {
        var store = session.Store.Reporting;
        var last = await store.LoadDecisionsAsync(cancellationToken);
        var baselines = await store.LoadBaselinesAsync(cancellationToken);
        var explained = new List<Explained>();
        foreach (var workload in workloads)
        {
            var filter = new AuditFilter { Namespace = workload.Key.Namespace, Kind = workload.Key.Kind, Name = workload.Key.Name, Limit = limit };
            explained.Add(new Explained(workload, await store.AuditAsync(filter, cancellationToken)));
        }

        return target.Write(new Document(Words.Count(explained.Count, "workload"))
        {
            Text = console => explained.ForEach(workload => Print(console, workload, baselines, last, input)),
            Json = () => Explanations.Write(explained, input, baselines, last, session.Time.GetUtcNow()),
        });
    }

    private static void Print(
        IAnsiConsole console, Explained explained, IReadOnlyDictionary<ContainerId, Baseline> baselines, IReadOnlyDictionary<ContainerId, LastDecision> last, PlanningInput input)
    {
        console.MarkupLine($"[bold]{Terminal.Text(explained.Workload.Key.ToString())}[/]");
        foreach (var container in explained.Workload.Containers)
        {
            var id = new ContainerId(explained.Workload.Uid, container.Container);
            Print(console, explained.Workload.Key.Namespace, container, baselines.GetValueOrDefault(id), last.GetValueOrDefault(id), input);
        }

        foreach (var warning in explained.Workload.Warnings)
            console.MarkupLine($"  [yellow]![/] {Terminal.Text(warning)}");

        console.WriteLine(explained.Records.Count == 0 ? "No earlier decisions or restarts." : "Earlier decisions and restarts, newest first:");
        if (explained.Records.Count > 0)
            new HistoryTable(console, isWide: false).Print(explained.Records, input.Now);
    }

    private static void Print(IAnsiConsole console, string @namespace, ContainerDecision container, Baseline? baseline, LastDecision? last, PlanningInput input)
    {
        console.MarkupLine($"  [bold]{Terminal.Text(container.Container)}[/]{(container.IsInit ? " (init)" : "")}  {Terminal.Text(container.ImageText)}");
        Line(Word(container), container.Holds.Count > 1 ? "" : container.Explanation);
        if (container.Holds.Count > 1)
        {
            foreach (var hold in container.Holds)
                console.MarkupLine($"              - {Terminal.Text(hold.Explanation)}");
        }

        if (last is not null)
            Line("decided", $"since {Terminal.Moment(console, last.Since)}");
        if (baseline is not null)
            Line("baseline", $"{baseline.Digest} since {Terminal.Moment(console, baseline.Since)} ({baseline.Origin}{(baseline.IsUnverified ? ", unverified" : "")})");
        if (container.Image is { } watched && input.Checks.For(watched, @namespace) is { } check)
        {
            // Not what the decision is about: on-failure pins to a digest that is no longer served.
            if (check is ServedCheck served)
                Line("served", served.Digest.Value + (input.ServedSince.TryGetValue(check.Observed, out var since) ? $" since {Terminal.Moment(console, since)}" : ""));
            Line("checked", $"{Terminal.Moment(console, check.At)}{(check is FailedCheck { Failure: var failed } ? $": {failed.Message}" : "")}");
            if (!check.Reader.IsShared)
                Line("read with", $"the pull secrets of namespace {check.Reader.Namespace}");
            if (input.Images.FirstOrDefault(outlook => outlook.Observed == check.Observed)?.NextCheck is { } next)
                Line("next check", Terminal.Moment(console, next));
        }

        void Line(string name, string text) => console.MarkupLine($"    {name,-13} {Terminal.Text(text)}");
    }

    private static string Word(ContainerDecision container) => container.Action switch
    {
        ContainerAction.Restart => "restart",
        ContainerAction.Hold when container.IsDue => "queued",
        ContainerAction.Hold => "held",
        ContainerAction.Skip => "skipped",
        _ when container.Reason == DecisionReason.Waiting => "waiting",
        _ => container.Adopt is null ? "nothing to do" : "adopted",
    };
}
