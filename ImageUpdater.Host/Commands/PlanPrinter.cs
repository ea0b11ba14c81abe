using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Prints a plan as text, as Terraform does: changes and holds with their reasons, then a line of counts.</summary>
/// <param name="fullDigests">Whether to print digests in full, for comparing and copying.</param>
/// <param name="showsChecks">Whether to print the next checks.</param>
internal sealed class PlanPrinter(IAnsiConsole console, bool fullDigests = false, bool showsChecks = false)
{
    // Fewer are printed one by one, which says more about each.
    private const int LeastOfAGroup = 3;

    public void Print(string planId, RolloutPlan plan)
    {
        Changes("ImageUpdater will restart:", plan.Workloads.Where(workload => workload.Restart is not null), container => container.Action == ContainerAction.Restart);
        Changes("Queued for a rollout slot:", plan.Queued, container => container.IsDue);
        Section(
            "ImageUpdater will remove the finalizer of the former operator from:",
            plan.Workloads.Where(workload => workload.RemoveLegacyFinalizer).ToList(),
            workload => console.MarkupLine($"  [yellow]~[/] {Terminal.Text(workload.Key.ToString())}"));
        Containers("Held:", "[yellow]![/]", plan, container => container.Action == ContainerAction.Hold && !container.IsDue);
        Containers("Skipped:", "[red]x[/]", plan, container => container.Action == ContainerAction.Skip);
        Containers("Adopted without a restart:", "[green]+[/]", plan, container => container.Adopt is not null && container.Action == ContainerAction.NoOp);
        Containers("Waiting for pods to start:", "[grey]?[/]", plan, container => container.Reason == DecisionReason.Waiting);
        Warnings(plan);
        if (showsChecks)
            Section("Next checks:", NextCheck.ByRegistry(plan), line => console.MarkupLine($"  {Terminal.Text(line)}"));

        if (plan.IsEmpty)
            console.MarkupLine("[green]Nothing to do.[/]");
        if (OutdatedWorkloads.Describe(plan) is { } outdated)
            console.MarkupLine(Terminal.Text(outdated));
        if (SeenWorkloads.Describe(plan) is { } seen)
            console.MarkupLine(Terminal.Text(seen));
        var counts = plan.Counts;
        console.MarkupLine(
            $"[bold]Plan {planId}:[/] {PlannedRestarts.Describe(counts)}, {counts.Adopted} adopted, {counts.Held} held, {counts.Skipped} skipped, {counts.Unchanged} unchanged.");
    }

    // Workloads that are changed in the same way are printed together: an image that many share is one paragraph.
    private void Changes(string title, IEnumerable<WorkloadPlan> workloads, Func<ContainerDecision, bool> isChanged)
    {
        var groups = workloads
            .GroupBy(workload => workload.IsSelf || workload.Restart is { PullPolicies.Count: > 0 } ? workload.Uid : Text(workload.Containers.Where(isChanged)), StringComparer.Ordinal)
            .SelectMany(group => group.Count() < LeastOfAGroup ? group.Select(workload => (WorkloadPlan[])[workload]) : [[.. group]])
            .ToList();
        Section(title, groups, group =>
        {
            foreach (var workload in group)
                console.MarkupLine($"  [yellow]~[/] [bold]{Terminal.Text(workload.Key.ToString())}[/]{(workload.IsSelf ? " (runs ImageUpdater; restarted last)" : "")}");
            console.Markup(Text(group[0].Containers.Where(isChanged)));
            foreach (var policy in group[0].Restart?.PullPolicies ?? [])
                console.MarkupLine($"      imagePullPolicy of {Terminal.Text(policy.Container)} becomes Always (was {Terminal.Text(policy.Before ?? "unset")})");
        });
    }

    private string Text(IEnumerable<ContainerDecision> containers) => string.Concat(containers.Select(Text));

    private string Text(ContainerDecision container)
    {
        var image = container.ImageAfter is { } after ? $"        image becomes {Terminal.Text(after)}\n" : "";
        return $"      {Terminal.Text(container.Container)}{(container.IsInit ? " (init)" : "")}  {Terminal.Text(container.ImageText)}\n"
            + $"        [red]{Text(container.From) ?? "(no baseline)"}[/] -> [green]{Text(container.To)}[/]\n"
            + image
            + $"        [grey]because {Terminal.Text(container.Explanation)}[/]\n";
    }

    private string? Text(Digest? digest) => fullDigests ? digest?.Value : digest?.Abbreviated;

    private void Containers(string title, string mark, RolloutPlan plan, Func<ContainerDecision, bool> chosen)
    {
        var rows = plan.Workloads.SelectMany(workload => workload.Containers.Where(chosen), (workload, container) => (workload, container)).ToList();
        Section(title, rows, row => console.MarkupLine(
            $"  {mark} {Terminal.Text(row.workload.Key.ToString())} {Terminal.Text(row.container.Container)}: {Terminal.Text(row.container.Explanation)}{NextCheck.Of(plan, row.workload, row.container)}"));
    }

    private void Warnings(RolloutPlan plan)
    {
        var ofWorkloads = plan.Workloads.SelectMany(workload => workload.Warnings, (workload, warning) => $"{workload.Key}: {warning}");
        Section("Warnings:", [.. plan.Warnings, .. ofWorkloads], warning => console.MarkupLine($"  [yellow]![/] {Terminal.Text(warning)}"));
    }

    private void Section<T>(string title, IReadOnlyList<T> rows, Action<T> print)
    {
        if (rows.Count == 0)
            return;

        console.MarkupLine($"[bold]{title}[/]");
        foreach (var row in rows)
            print(row);
        console.WriteLine();
    }
}
