using ImageUpdater.Core.Plans;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Prints a plan as text, as Terraform does: changes and holds with their reasons, then a line of counts.</summary>
internal static class PlanPrinter
{
    /// <param name="showsChecks">Whether to print the next checks; <c>apply</c> leaves them out.</param>
    public static void Print(IAnsiConsole console, string planId, RolloutPlan plan, bool showsChecks)
    {
        var restarts = plan.Workloads.Where(workload => workload.Restart is not null).ToList();
        Section(console, "ImageUpdater will restart:", restarts, workload => Restart(console, workload));
        Section(
            console, "ImageUpdater will remove the finalizer of the former operator from:",
            plan.Workloads.Where(workload => workload.RemoveLegacyFinalizer).ToList(),
            workload => console.MarkupLine($"  [yellow]~[/] {Terminal.Text(workload.Key.ToString())}"));
        Containers(console, "Queued for a rollout slot:", "[yellow]~[/]", plan, container => container.Action == ContainerAction.Hold && container.IsDue);
        Containers(console, "Held:", "[yellow]![/]", plan, container => container.Action == ContainerAction.Hold && !container.IsDue);
        Containers(console, "Skipped:", "[red]x[/]", plan, container => container.Action == ContainerAction.Skip);
        Containers(console, "Adopted without a restart:", "[green]+[/]", plan, container => container.Adopt is not null && container.Action == ContainerAction.NoOp);
        Containers(console, "Waiting for pods to start:", "[grey]?[/]", plan, container => container.Reason == DecisionReason.Waiting);
        Warnings(console, plan);
        if (showsChecks)
            Section(console, "Next checks:", NextCheck.ByRegistry(plan), line => console.MarkupLine($"  {Terminal.Text(line)}"));

        var counts = plan.Counts;
        if (!plan.Changes.Any())
            console.MarkupLine("[green]Nothing to do.[/]");
        if (OutdatedWorkloads.Describe(plan) is { } outdated)
            console.MarkupLine(Terminal.Text(outdated));
        if (SeenWorkloads.Describe(plan) is { } seen)
            console.MarkupLine(Terminal.Text(seen));
        console.MarkupLine(
            $"[bold]Plan {planId}:[/] {counts.Restart} to restart, {counts.Adopted} adopted, {counts.Held} held, {counts.Skipped} skipped, {counts.Unchanged} unchanged.");
    }

    private static void Restart(IAnsiConsole console, WorkloadPlan workload)
    {
        var self = workload.IsSelf ? " (runs ImageUpdater; restarted last)" : "";
        console.MarkupLine($"  [yellow]~[/] [bold]{Terminal.Text(workload.Key.ToString())}[/]{self}");
        foreach (var container in workload.Containers.Where(container => container.Action == ContainerAction.Restart))
        {
            console.MarkupLine($"      {Terminal.Text(container.Container)}{(container.IsInit ? " (init)" : "")}  {Terminal.Text(container.ImageText)}");
            console.MarkupLine($"        [red]{container.From?.Value ?? "(no baseline)"}[/]");
            console.MarkupLine($"     -> [green]{container.To}[/]");
            if (container.ImageAfter is { } image)
                console.MarkupLine($"        image becomes {Terminal.Text(image)}");
            console.MarkupLine($"        [grey]because {Terminal.Text(container.Explanation)}[/]");
        }

        foreach (var policy in workload.Restart!.PullPolicies)
            console.MarkupLine($"      imagePullPolicy of {Terminal.Text(policy.Container)} becomes Always (was {Terminal.Text(policy.Before ?? "unset")})");
    }

    private static void Containers(IAnsiConsole console, string title, string mark, RolloutPlan plan, Func<ContainerDecision, bool> chosen)
    {
        var rows = plan.Workloads.SelectMany(workload => workload.Containers.Where(chosen), (workload, container) => (workload, container)).ToList();
        Section(console, title, rows, row => console.MarkupLine(
            $"  {mark} {Terminal.Text(row.workload.Key.ToString())} {Terminal.Text(row.container.Container)}: {Terminal.Text(row.container.Explanation)}{NextCheck.Of(plan, row.container)}"));
    }

    private static void Warnings(IAnsiConsole console, RolloutPlan plan)
    {
        var ofWorkloads = plan.Workloads.SelectMany(workload => workload.Warnings, (workload, warning) => $"{workload.Key}: {warning}");
        Section(console, "Warnings:", [.. plan.Warnings, .. ofWorkloads], warning => console.MarkupLine($"  [yellow]![/] {Terminal.Text(warning)}"));
    }

    private static void Section<T>(IAnsiConsole console, string title, IReadOnlyList<T> rows, Action<T> print)
    {
        if (rows.Count == 0)
            return;

        console.MarkupLine($"[bold]{title}[/]");
        foreach (var row in rows)
            print(row);
        console.WriteLine();
    }
}
