namespace ImageUpdater.Reports;

/// <summary>The report in one or two sentences.</summary>
internal static class AuditReportHeadline
{
    public static string Of(AuditReportSummary summary, TimeSpan period) =>
        $"{Restarts(summary, Words.Span(period))} {NotApplied(summary)}{Waiting(summary)}{Outdated(summary)}{Images(summary)}";

    private static string Restarts(AuditReportSummary summary, string period)
    {
        if (summary.Restarts == 0)
            return $"Nothing was restarted in {period}.";

        var how = Words.List(
            (summary.Succeeded, "succeeded"),
            (summary.Failed, "failed"),
            (summary.TimedOut, "timed out"),
            (summary.Mismatch, "with a mismatch"),
            (summary.Reverted, "reverted"),
            (summary.Running, "still running"),
            (summary.Superseded, "superseded"),
            (summary.WorkloadGone, "ended by deletion of the workload"));
        return $"{Words.Count(summary.Restarts, "restart")} in {period}: {how}.";
    }

    private static string NotApplied(AuditReportSummary summary) => summary.NotApplied == 0
        ? ""
        : $"{Words.Count(summary.NotApplied, "restart")} not applied. ";

    private static string Waiting(AuditReportSummary summary) => summary.Held + summary.Skipped == 0
        ? "No container is held or skipped."
        : $"{Words.Count(summary.Held + summary.Skipped, "container")} {(summary.Held + summary.Skipped == 1 ? "waits" : "wait")}: "
            + $"{Words.List((summary.Held, "held"), (summary.Skipped, "skipped"))}.";

    private static string Outdated(AuditReportSummary summary) => summary.Outdated == 0
        ? ""
        : $" {Words.Count(summary.Outdated, "workload")} {(summary.Outdated == 1 ? "runs an older digest than its" : "run an older digest than their")} tag serves and {(summary.Outdated == 1 ? "is" : "are")} held or queued.";

    private static string Images(AuditReportSummary summary) => summary.FailingImages == 0
        ? ""
        : $" {Words.Count(summary.FailingImages, "image")} can't be checked.";
}
