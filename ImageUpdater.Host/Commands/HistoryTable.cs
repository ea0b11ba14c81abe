using ImageUpdater.Core.Auditing;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Audit records as a table; <c>wide</c> adds the plan and the rollout.</summary>
internal sealed class HistoryTable(IAnsiConsole console, bool isWide)
{
    private readonly TextTable table = isWide
        ? new TextTable("AGE", "TIME", "WORKLOAD", "ACTOR", "PLAN", "ROLLOUT", "RECORD")
        : new TextTable("AGE", "TIME", "WORKLOAD", "ACTOR", "RECORD");

    /// <summary>Prints the header before the first records.</summary>
    public void Print(IReadOnlyList<AuditRecord> records, DateTimeOffset now)
    {
        foreach (var record in records)
            table.Add([.. Cells(record, now)]);
        table.Print(console);
    }

    private IEnumerable<TextTable.Cell> Cells(AuditRecord record, DateTimeOffset now)
    {
        yield return new(Terminal.Age(now - record.At), "grey");
        yield return new(Terminal.Moment(console, record.At), "grey");
        yield return record.Workload.ToString();
        yield return new(record.Actor, "grey");
        if (isWide)
        {
            yield return record.PlanId ?? "";
            yield return record.RolloutId ?? "";
        }

        yield return new($"{Words.Of(record.Action)}: {record.Message}", Style(record.Action));
    }

    private static string? Style(AuditAction action)
    {
        if (AuditActions.Failures.Contains(action))
            return "red";
        return action is AuditAction.Restarted or AuditAction.RolloutSucceeded ? "green" : null;
    }
}
