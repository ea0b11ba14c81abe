using ImageUpdater.Core.Plans;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Containers with their baseline and last decision as a table; <c>wide</c> has digests in full, and the baseline's origin.</summary>
internal sealed class StateTable(IAnsiConsole console, bool isWide)
{
    private readonly TextTable table = isWide
        ? new TextTable("WORKLOAD", "CONTAINER", "IMAGE", "BASELINE", "ORIGIN", "ACTION", "REASON", "AGE", "DECISION")
        : new TextTable("WORKLOAD", "CONTAINER", "IMAGE", "BASELINE", "AGE", "DECISION");

    /// <summary>Skipped, or held by something that does not end by itself.</summary>
    public static bool NeedsSomebody(LastDecision decision) => decision.Action == ContainerAction.Skip
        || decision.Reason is DecisionReason.Quarantined or DecisionReason.Mismatch or DecisionReason.Reverted or DecisionReason.InvalidAnnotation or DecisionReason.ApprovalRequired;

    /// <summary>Prints the header before the first rows.</summary>
    public void Print(IEnumerable<LastDecision> decisions, IReadOnlyDictionary<ContainerId, Baseline> baselines, DateTimeOffset now)
    {
        foreach (var decision in decisions)
            table.Add([.. Cells(decision, baselines.GetValueOrDefault(decision.Id), now)]);
        table.Print(console);
    }

    private IEnumerable<TextTable.Cell> Cells(LastDecision decision, Baseline? baseline, DateTimeOffset now)
    {
        yield return decision.Workload.ToString();
        yield return decision.Id.Container;
        yield return decision.ImageText;
        yield return Digest(baseline);
        if (isWide)
        {
            yield return baseline?.Origin.ToString() ?? "";
            yield return decision.Action.ToString();
            yield return decision.Reason.ToString();
        }

        yield return new(Terminal.Age(now - decision.Since), "grey");
        yield return new(decision.Explanation, Style(decision));
    }

    private string Digest(Baseline? baseline)
    {
        if (baseline is null)
            return "no baseline";
        return (isWide ? baseline.Digest.Value : baseline.Digest.Abbreviated) + (baseline.IsUnverified ? " (unverified)" : "");
    }

    private static string? Style(LastDecision decision)
    {
        if (NeedsSomebody(decision))
            return "red";
        return decision.Action switch
        {
            ContainerAction.Hold => "yellow",
            ContainerAction.Restart => "green",
            _ => null,
        };
    }
}
