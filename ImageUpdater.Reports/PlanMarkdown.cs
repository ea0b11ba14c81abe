using System.Globalization;
using System.Text;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>A plan as Markdown, for a merge request, a ticket or a chat.</summary>
public static class PlanMarkdown
{
    public static string Write(string planId, RolloutPlan plan)
    {
        var text = new StringBuilder();
        Line($"# Plan {MarkdownText.Code(planId)}");
        Line();
        Line(Counts(plan));
        if (OutdatedWorkloads.Describe(plan) is { } outdated)
        {
            Line();
            Line(outdated);
        }

        if (SeenWorkloads.Describe(plan) is { } seen)
        {
            Line();
            Line(MarkdownText.Escape(seen));
        }

        Line();
        Line($"Created {plan.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC for {Scope(plan.Scope)}; {Words.Count(plan.ImageCount, "image")} considered.");

        Section("Restarts", ["workload", "container", "image", "from → to", "why"], Rows(plan, IsRestart).Select(row => Row(
            row, MarkdownText.Code(row.Container.ImageText), Digests(row.Container), MarkdownText.Escape(row.Container.Explanation))));
        Section("Queued", ["workload", "container", "image", "from → to", "why"], Rows(plan, container => container.Action == ContainerAction.Hold && container.IsDue).Select(row => Row(
            row, MarkdownText.Code(row.Container.ImageText), Digests(row.Container), MarkdownText.Escape(row.Container.Explanation))));
        Section("Other changes", ["workload", "what"], plan.Workloads.SelectMany(OtherChanges));
        Section("Held", ["workload", "container", "image", "why"], Rows(plan, container => container.Action == ContainerAction.Hold && !container.IsDue).Select(Why));
        Section("Skipped", ["workload", "container", "image", "why"], Rows(plan, container => container.Action == ContainerAction.Skip).Select(Why));
        Section("Adopted", ["workload", "container", "digest", "why"], Rows(plan, container => container.Adopt is not null).Select(row => Row(
            row, MarkdownText.Code(row.Container.Adopt!.Digest.Abbreviated), MarkdownText.Escape(row.Container.Explanation))));
        Section("Waiting", ["workload", "container", "image", "why"], Rows(plan, container => container.Reason == DecisionReason.Waiting).Select(Why));
        Warnings();
        Section("Images", ["image", "last check", "next check", "last failure"], plan.Images.Select(Check));
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');

        void Section(string title, IReadOnlyList<string> columns, IEnumerable<string> rows)
        {
            var first = true;
            foreach (var row in rows)
            {
                if (first)
                {
                    Line();
                    Line($"## {title}");
                    Line();
                    Line($"| {string.Join(" | ", columns)} |");
                    Line($"|{string.Concat(Enumerable.Repeat(" --- |", columns.Count))}");
                    first = false;
                }

                Line(row);
            }
        }

        void Warnings()
        {
            var warnings = plan.Warnings.Concat(plan.Workloads.SelectMany(workload => workload.Warnings.Select(warning => $"{workload.Key}: {warning}"))).ToList();
            if (warnings.Count == 0)
                return;

            Line();
            Line("## Warnings");
            Line();
            foreach (var warning in warnings)
                Line($"- {MarkdownText.Escape(warning)}");
        }
    }

    private static string Counts(RolloutPlan plan)
    {
        var counts = plan.Counts;
        return $"**{PlannedRestarts.Describe(counts)}**, {Words.Number(counts.Held)} held, {Words.Number(counts.Skipped)} skipped, "
            + $"{Words.Number(counts.Unchanged)} unchanged; {Words.Count(counts.Adopted, "baseline")} adopted.";
    }

    private static string Scope(PlanScope scope)
    {
        var kinds = string.Join(", ", scope.Kinds.Select(kind => WireNames.Kinds[kind] + "s"));
        return $"{(kinds.Length == 0 ? "no workload kinds" : kinds)} in {Namespaces(scope.Namespaces)}";
    }

    private static string Namespaces(IReadOnlyList<string>? namespaces) => namespaces switch
    {
        null => "all namespaces",
        [var only] => "namespace " + MarkdownText.Code(only),
        _ => "namespaces " + string.Join(", ", namespaces.Select(name => MarkdownText.Code(name))),
    };

    private static IEnumerable<(WorkloadPlan Workload, ContainerDecision Container)> Rows(RolloutPlan plan, Func<ContainerDecision, bool> shows) =>
        plan.Workloads.SelectMany(workload => workload.Containers.Where(shows).Select(container => (workload, container)));

    private static bool IsRestart(ContainerDecision container) => container.Action == ContainerAction.Restart;

    private static string Why((WorkloadPlan Workload, ContainerDecision Container) row) =>
        Row(row, MarkdownText.Code(row.Container.ImageText), MarkdownText.Escape(row.Container.Explanation));

    private static string Check(ImageOutlook image) =>
        $"| {MarkdownText.Code(image.Image.ToString())} | {Moment(image.LastChecked, "never")} | {Moment(image.NextCheck, "due")} | {MarkdownText.Escape(image.Failure ?? "")} |";

    private static string Moment(DateTimeOffset? at, string without) =>
        at is { } moment ? string.Create(CultureInfo.InvariantCulture, $"{moment.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") : without;

    private static string Row((WorkloadPlan Workload, ContainerDecision Container) row, params ReadOnlySpan<string> cells)
    {
        var container = MarkdownText.Code(row.Container.Container) + (row.Container.IsInit ? " (init)" : "");
        return $"| {MarkdownText.Code(row.Workload.Key.ToString())} | {container} | {string.Join(" | ", cells)} |";
    }

    private static string Digests(ContainerDecision container) =>
        $"{(container.From is null ? "none" : MarkdownText.Code(container.From.Abbreviated))} → {MarkdownText.Code(container.To?.Abbreviated ?? "")}";

    // Parts of the patch other than digests.
    private static IEnumerable<string> OtherChanges(WorkloadPlan workload)
    {
        var key = MarkdownText.Code(workload.Key.ToString());
        foreach (var policy in workload.Restart?.PullPolicies ?? [])
            yield return $"| {key} | imagePullPolicy of {MarkdownText.Code(policy.Container)}: {MarkdownText.Escape(policy.Before ?? "none")} → Always |";
        if (workload.RemoveLegacyFinalizer)
            yield return $"| {key} | removes the finalizer of the former operator |";
        if (workload is { IsSelf: true, Restart: not null })
            yield return $"| {key} | runs ImageUpdater; restarted last |";
    }
}
