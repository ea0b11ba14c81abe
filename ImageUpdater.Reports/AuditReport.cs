using System.Text.Json.Serialization;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.Reports;

/// <summary>What an audit report is made from, as the store holds it.</summary>
/// <param name="Decisions">All last decisions; the report shows holds and skips.</param>
/// <param name="FailingImages">Those whose last check failed.</param>
/// <param name="Notes">Messages for the reader, for example that older records were removed by retention.</param>
/// <param name="ObserveOnly">Nothing is restarted, by an option; the headline says so.</param>
public sealed record AuditReportInput(
    DateTimeOffset GeneratedAt,
    DateTimeOffset Since,
    DateTimeOffset Until,
    string? Namespace,
    string? Cluster,
    IReadOnlyList<Rollout> Rollouts,
    IReadOnlyList<LastDecision> Decisions,
    IReadOnlyList<AuditRecord> Audit,
    IReadOnlyList<ImageState> FailingImages,
    IReadOnlyList<string> Notes,
    bool ObserveOnly = false);

/// <summary>
/// What happened in a period, what is held or skipped now, and why. The JSON report (formatVersion 1) and the templates use the same
/// field names. Untrusted text in it is bounded; templates encode it.
/// </summary>
public sealed record AuditReport
{
    [JsonPropertyOrder(-2)]
    public string Kind { get; } = "AuditReport";

    [JsonPropertyOrder(-1)]
    public string FormatVersion { get; } = "1.0";

    public required DateTimeOffset GeneratedAt { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>Null for all.</summary>
    public required string? Namespace { get; init; }

    public required string? Cluster { get; init; }

    /// <summary>The report in one or two sentences.</summary>
    public required string Headline { get; init; }

    public required AuditReportSummary Summary { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<ReportedRestart> Restarts { get; init; }

    /// <summary>Containers held or skipped now, longest first.</summary>
    public required IReadOnlyList<ReportedWait> Waiting { get; init; }

    public required IReadOnlyList<ReportedImage> FailingImages { get; init; }

    /// <summary>The audit records, newest first.</summary>
    public required IReadOnlyList<ReportedRecord> Trail { get; init; }

    /// <summary>Restarts by day of the period, in UTC, oldest first. Empty when the period is shorter than two days, or too long to draw.</summary>
    public required IReadOnlyList<ReportedDay> Days { get; init; }

    public static AuditReport Of(AuditReportInput input) => AuditReportBuilder.Build(input);
}

/// <param name="Restarts">Restarts whose patch was applied or may have been applied.</param>
/// <param name="NotApplied">Intended restarts whose patch was not applied.</param>
/// <param name="MostPerDay">The restarts of the busiest of the report's days.</param>
/// <param name="Outdated">Workloads that run an older digest than their tag serves, and are held or queued.</param>
/// <param name="Verified">Restarts whose pods were shown to run the new digest.</param>
/// <param name="Mismatch">Restarts whose new pods run another digest.</param>
/// <param name="Reverted">Restarts that somebody reverted, so that the pods do not run the digest.</param>
public sealed record AuditReportSummary(
    int Restarts,
    int Succeeded,
    int Failed,
    int TimedOut,
    int Running,
    int Superseded,
    int WorkloadGone,
    int NotApplied,
    int Verified,
    int Held,
    int Skipped,
    int FailingImages,
    int AuditRecords,
    int MostPerDay,
    int Mismatch,
    int Reverted,
    int Outdated = 0);

/// <param name="State">intended, running, succeeded, failed, timed-out, superseded, workload-gone, not-applied, mismatch or reverted.</param>
/// <param name="DurationSeconds">Seconds until its end, or until now.</param>
/// <param name="Verification">verified, unverified or mismatch.</param>
public sealed record ReportedRestart(
    string Id,
    string? PlanId,
    string Namespace,
    string Kind,
    string Name,
    string Uid,
    string Actor,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long DurationSeconds,
    string State,
    string? Outcome,
    string? Verification,
    string? VerificationMessage,
    IReadOnlyList<ReportedChange> Changes,
    IReadOnlyList<ReportedPullPolicy> PullPolicies);

/// <param name="Why"><paramref name="Reason"/> in words.</param>
public sealed record ReportedChange(string Container, bool IsInit, string Image, string? From, string To, string Reason, string Why);

/// <summary>A pull policy that the restart set to <c>Always</c>.</summary>
public sealed record ReportedPullPolicy(string Container, bool IsInit, string? Before);

/// <param name="Action">hold or skip.</param>
public sealed record ReportedWait(
    string Namespace,
    string Kind,
    string Name,
    string Container,
    string Image,
    string Action,
    string Reason,
    string Explanation,
    string? From,
    string? To,
    DateTimeOffset Since);

/// <param name="Since">The oldest decision that waits for this image; null when none does.</param>
/// <param name="Workloads">Those that wait for it, as <c>namespace/kind/name</c>.</param>
/// <param name="Namespace">The namespace whose pull secrets it is read with; null for what all share.</param>
public sealed record ReportedImage(
    string Image,
    string? Digest,
    string Failure,
    string Explanation,
    int FailuresInARow,
    DateTimeOffset? LastChecked,
    DateTimeOffset? RetryAt,
    DateTimeOffset? Since,
    IReadOnlyList<string> Workloads,
    string? Namespace = null);

/// <param name="Patch">The patch as sent, if the record is about one.</param>
public sealed record ReportedRecord(
    long Id,
    DateTimeOffset At,
    string Action,
    string Namespace,
    string Kind,
    string Name,
    string Uid,
    string? Container,
    string Actor,
    string Message,
    string? PlanId,
    string? RolloutId,
    string? Patch);

/// <param name="Failed">Failed, timed out, reverted, or with a mismatch.</param>
public sealed record ReportedDay(string Date, int Restarts, int Failed);
