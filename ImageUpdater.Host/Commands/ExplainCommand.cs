using System.CommandLine;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Shows why one workload is restarted or not, from the plan of its namespace and its audit records.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var workload = new Argument<string>("KIND/NAME") { Description = "The workload, for example deployment/web." };
        var @namespace = GlobalOptions.Namespace();
        var limit = new Option<int>("--limit") { Description = "Maximum number of audit records.", HelpName = "N", CustomParser = Choices.Count, DefaultValueFactory = _ => 20 };
        var command = new Command(
            "explain",
            """
            Shows the decision for each container of a workload: why it is restarted or not, what holds it and until when, and its earlier
            decisions and restarts. Queries the registries, unless a controller has the store open: then it uses the last observations in
            the store. Changes nothing in the cluster.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater explain deployment/web --namespace default
            """)
        { workload, @namespace, limit };

        command.SetAction((parsed, cancellationToken) => Session.UseAsync(parsed, async (session, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(workload);
            if (!WorkloadArgument.Read(text).IsSuccess(out var named, out var problem))
                return CommandLine.Fail(problem);

            var only = parsed.GetValue(@namespace);
            var namespaces = GlobalOptions.Only(only);
            var made = session.Store.IsReadOnly
                ? await session.PreviewAsync(namespaces, cancellationToken)
                : await session.PlanAsync(request => request with { Namespaces = namespaces, KeepEmpty = false }, cancellationToken);
            if (!made.IsSuccess(out var plan, out var failure))
                return CommandLine.Fail(failure.Message);

            var found = plan.Plan.Workloads.Where(candidate => named.Names(candidate.Key, only)).ToList();
            var mistake = plan.Input.NotEnabled?.Mistakes.FirstOrDefault(mistake => named.Names(mistake.Workload, only));
            if (found.Count == 0 && mistake is not null)
                return CommandLine.Fail($"{mistake.Workload} is not enabled: {mistake.Why}");
            if (found.Count == 0)
                return CommandLine.Fail($"no enabled {text} found{(only is null ? "" : " in namespace " + only)}; set the annotation image-updater.eznix86.github.io/enabled: \"true\" on the workload itself");

            var console = Terminal.Output;
            var last = await session.Store.Reporting.LoadDecisionsAsync(cancellationToken);
            var baselines = await session.Store.Reporting.LoadBaselinesAsync(cancellationToken);
            foreach (var explained in found)
            {
                console.MarkupLine($"[bold]{Terminal.Text(explained.Key.ToString())}[/]");
                foreach (var container in explained.Containers)
                {
                    var id = new ContainerId(explained.Uid, container.Container);
                    Print(console, container, baselines.GetValueOrDefault(id), last.GetValueOrDefault(id), plan.Input);
                }

                foreach (var warning in explained.Warnings)
                    console.MarkupLine($"  [yellow]![/] {Terminal.Text(warning)}");

                var records = await session.Store.Reporting.AuditAsync(
                    new AuditFilter { Namespace = explained.Key.Namespace, Kind = explained.Key.Kind, Name = explained.Key.Name, Limit = parsed.GetValue(limit) }, cancellationToken);
                console.WriteLine(records.Count == 0 ? "No earlier decisions or restarts." : "Earlier decisions and restarts, newest first:");
                foreach (var record in records)
                    HistoryCommand.Print(console, record);
            }

            return CommandLine.Success;
        }, cancellationToken, mayOnlyRead: true));
        return command;
    }

    private static void Print(IAnsiConsole console, ContainerDecision container, Baseline? baseline, LastDecision? last, PlanningInput input)
    {
        console.MarkupLine($"  [bold]{Terminal.Text(container.Container)}[/]{(container.IsInit ? " (init)" : "")}  {Terminal.Text(container.ImageText)}");
        Line(Word(container), container.Holds.Count > 1 ? "" : container.Explanation);
        if (container.Holds.Count > 1)
        {
            foreach (var hold in container.Holds)
                console.MarkupLine($"              - {Terminal.Text(hold.Explanation)}");
        }

        if (last is not null)
            Line("decided", $"since {Terminal.Moment(last.Since)}");
        if (baseline is not null)
            Line("baseline", $"{baseline.Digest} since {Terminal.Moment(baseline.Since)} ({baseline.Origin}{(baseline.IsUnverified ? ", unverified" : "")})");
        if (container.Image is { } watched && input.Checks.TryGetValue(watched, out var check))
        {
            // Not what the decision is about: on-failure pins to a digest that is no longer served.
            if (check is ServedCheck served)
                Line("served", served.Digest.Value + (input.ServedSince.TryGetValue(watched, out var since) ? $" since {Terminal.Moment(since)}" : ""));
            Line("checked", $"{Terminal.Moment(check.At)}{(check is FailedCheck { Failure: var failed } ? $": {failed.Message}" : "")}");
            if (input.Images.FirstOrDefault(outlook => outlook.Image == watched)?.NextCheck is { } next)
                Line("next check", Terminal.Moment(next));
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
