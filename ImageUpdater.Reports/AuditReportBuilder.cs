using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Reports;

/// <summary>Builds the report from the store's records: filtered, counted, in a fixed order, with the names used in files.</summary>
internal static class AuditReportBuilder
{
    // The API server accepts larger patches, but ours contains an annotation and a few policies.
    private const int MaxPatchLength = 64 * 1024;
    private const int MaxDays = 92;

    public static AuditReport Build(AuditReportInput input)
    {
        var rollouts = input.Rollouts.Where(rollout => Covers(rollout.Workload) && Overlaps(rollout)).ToList();
        var waiting = input.Decisions.Where(decision => Covers(decision.Workload) && IsWaiting(decision)).ToList();
        var images = FailingImages(input.Namespace is null ? input.FailingImages : UsedBy(input.Decisions.Where(decision => Covers(decision.Workload)), input.FailingImages), waiting);
        var trail = input.Audit.Where(record => Covers(record.Workload) && record.At >= input.Since && record.At <= input.Until).ToList();
        var days = Days(input, rollouts);
        var summary = Summary(rollouts, waiting) with
        {
            FailingImages = images.Count,
            AuditRecords = trail.Count,
            Outdated = waiting.Where(IsOutdated).Select(decision => decision.Id.WorkloadUid).Distinct(StringComparer.Ordinal).Count(),
            MostPerDay = days.Count == 0 ? 0 : days.Max(day => day.Restarts),
        };
        return new AuditReport
        {
            GeneratedAt = input.GeneratedAt.ToUniversalTime(),
            Since = input.Since.ToUniversalTime(),
            Until = input.Until.ToUniversalTime(),
            Namespace = Optional(input.Namespace),
            Cluster = Optional(input.Cluster),
            Headline = ObserveOnly(input) + AuditReportHeadline.Of(summary, input.Until - input.Since),
            Summary = summary,
            Notes = WireJson.Texts(input.Notes),
            Restarts =
            [
                .. rollouts
                    .OrderByDescending(rollout => rollout.StartedAt)
                    .ThenBy(rollout => rollout.Workload)
                    .ThenBy(rollout => rollout.Id, StringComparer.Ordinal)
                    .Select(rollout => Restart(rollout, input.GeneratedAt)),
            ],
            Waiting =
            [
                .. waiting
                    .OrderBy(decision => decision.Since)
                    .ThenBy(decision => decision.Workload)
                    .ThenBy(decision => decision.Id.Container, StringComparer.Ordinal)
                    .Select(Wait),
            ],
            FailingImages = images,
            Trail = [.. trail.OrderByDescending(record => record.At).ThenByDescending(record => record.Id).Select(Record)],
            Days = days,
        };

        bool Covers(WorkloadKey workload) => input.Namespace is null || input.Namespace == workload.Namespace;

        bool Overlaps(Rollout rollout) => rollout.StartedAt <= input.Until && (rollout.EndedAt is not { } ended || ended >= input.Since);
    }

    private static string ObserveOnly(AuditReportInput input)
    {
        if (!input.ObserveOnly)
            return "";

        var due = input.Decisions.Where(decision => input.Namespace is null || input.Namespace == decision.Workload.Namespace)
            .Where(decision => decision.Action == ContainerAction.Restart || decision.Reason == DecisionReason.RolloutLimit)
            .Select(decision => decision.Id.WorkloadUid).Distinct(StringComparer.Ordinal).Count();
        return $"Observe only: nothing is applied; {Words.Count(due, "workload")} would be restarted. ";
    }

    private static bool IsWaiting(LastDecision decision) => decision.Action is ContainerAction.Hold or ContainerAction.Skip;

    private static bool IsOutdated(LastDecision decision) =>
        decision is { Action: ContainerAction.Hold, From: not null, To: not null } && decision.From != decision.To;

    private static bool WasApplied(Rollout rollout) => rollout.State != RolloutState.NotApplied;

    private static bool HasFailed(Rollout rollout) =>
        rollout.State is RolloutState.Failed or RolloutState.TimedOut or RolloutState.Mismatch or RolloutState.Reverted;

    private static AuditReportSummary Summary(List<Rollout> rollouts, List<LastDecision> waiting)
    {
        return new AuditReportSummary(
            rollouts.Count(WasApplied),
            In(RolloutState.Succeeded),
            In(RolloutState.Failed),
            In(RolloutState.TimedOut),
            In(RolloutState.Running) + In(RolloutState.Intended),
            In(RolloutState.Superseded),
            In(RolloutState.WorkloadGone),
            In(RolloutState.NotApplied),
            rollouts.Count(rollout => rollout.Verification == RolloutVerification.Verified),
            waiting.Count(decision => decision.Action == ContainerAction.Hold),
            waiting.Count(decision => decision.Action == ContainerAction.Skip),
            FailingImages: 0,
            AuditRecords: 0,
            MostPerDay: 0,
            In(RolloutState.Mismatch),
            In(RolloutState.Reverted));

        int In(RolloutState state) => rollouts.Count(rollout => rollout.State == state);
    }

    private static ReportedRestart Restart(Rollout rollout, DateTimeOffset now) => new(
        Text(rollout.Id),
        Optional(rollout.PlanId),
        Text(rollout.Workload.Namespace),
        WireNames.Kinds[rollout.Workload.Kind],
        Text(rollout.Workload.Name),
        Text(rollout.Uid),
        Text(rollout.Actor),
        rollout.StartedAt.ToUniversalTime(),
        rollout.EndedAt?.ToUniversalTime(),
        Math.Max(0, (long)((rollout.EndedAt ?? now) - rollout.StartedAt).TotalSeconds),
        WireNames.States[rollout.State],
        Optional(rollout.Outcome),
        rollout.Verification is { } verification ? WireNames.Verifications[verification] : null,
        Optional(rollout.VerificationMessage),
        [.. rollout.Changes.Select(Change)],
        [.. rollout.PullPolicies.Select(policy => new ReportedPullPolicy(Text(policy.Container), policy.IsInit, Optional(policy.Before)))]);

    private static ReportedChange Change(DigestChange change) => new(
        Text(change.Container),
        change.IsInit,
        Text(change.Image),
        change.From?.Value,
        change.To.Value,
        WireNames.Reasons[change.Reason],
        change.Reason switch
        {
            DecisionReason.DigestChanged => "the tag serves a new digest",
            DecisionReason.PinPrevious => "its rollout failed, and on-failure is pin-previous",
            DecisionReason.Retry => "a retry was requested",
            DecisionReason.NoBaseline => "no baseline, and FirstSeen is Restart",
            _ => WireNames.Reasons[change.Reason].Replace('-', ' '),
        });

    private static ReportedWait Wait(LastDecision decision) => new(
        Text(decision.Workload.Namespace),
        WireNames.Kinds[decision.Workload.Kind],
        Text(decision.Workload.Name),
        Text(decision.Id.Container),
        Text(decision.ImageText),
        WireNames.Actions[decision.Action],
        WireNames.Reasons[decision.Reason],
        Text(decision.Explanation),
        decision.From?.Value,
        decision.To?.Value,
        decision.Since.ToUniversalTime());

    // An image has no namespace: a report about one namespace includes the images that its workloads use, whether or not they wait for them.
    private static IEnumerable<ImageState> UsedBy(IEnumerable<LastDecision> decisions, IReadOnlyList<ImageState> images)
    {
        var used = decisions.Where(decision => decision.Reason is not (DecisionReason.NotTracked or DecisionReason.Pinned))
            .Select(decision => ImageReference.TryParse(decision.ImageText, out var image) ? image : null).ToHashSet();
        return images.Where(state => used.Contains(state.Image));
    }

    private static List<ReportedImage> FailingImages(IEnumerable<ImageState> failing, List<LastDecision> waiting)
    {
        var waits = waiting
            .Where(decision => decision.Reason is DecisionReason.RegistryFailed or DecisionReason.NotObserved)
            .ToLookup(decision => ImageReference.TryParse(decision.ImageText, out var image) ? image : null);
        var images = new List<ReportedImage>();
        foreach (var state in failing.OrderBy(state => state.Observed))
        {
            var affected = waits[state.Image].Where(decision => state.Reader.Includes(decision.Workload.Namespace)).ToList();
            if (state.Failure is not { } failure)
                continue;

            images.Add(new ReportedImage(
                state.Image.ToString(),
                state.Digest?.Value,
                WireNames.Failures[failure.Kind],
                Text(failure.Message),
                state.FailuresInARow,
                state.LastChecked?.ToUniversalTime(),
                failure.RetryAt?.ToUniversalTime(),
                affected.Count == 0 ? null : affected.Min(decision => decision.Since).ToUniversalTime(),
                [.. affected.Select(decision => decision.Workload).Distinct().Order().Select(workload => Text(workload.ToString()))],
                state.Reader.Namespace));
        }

        return images;
    }

    public static ReportedRecord Record(AuditRecord record) => new(
        record.Id,
        record.At.ToUniversalTime(),
        WireNames.AuditActions[record.Action],
        Text(record.Workload.Namespace),
        WireNames.Kinds[record.Workload.Kind],
        Text(record.Workload.Name),
        Text(record.Uid),
        Optional(record.Container),
        Text(record.Actor),
        Text(record.Message),
        Optional(record.PlanId),
        Optional(record.RolloutId),
        record.Patch is null ? null : UntrustedText.Bound(record.Patch, MaxPatchLength));

    private static string Text(string text) => WireJson.Text(text);

    private static string? Optional(string? text) => text is null ? null : Text(text);

    private static List<ReportedDay> Days(AuditReportInput input, List<Rollout> rollouts)
    {
        var first = DateOnly.FromDateTime(input.Since.UtcDateTime);
        var count = DateOnly.FromDateTime(input.Until.UtcDateTime).DayNumber - first.DayNumber + 1;
        if (count is < 2 or > MaxDays)
            return [];

        var byDay = rollouts.Where(WasApplied).ToLookup(rollout => DateOnly.FromDateTime(rollout.StartedAt.UtcDateTime));
        return
        [
            .. Enumerable.Range(0, count).Select(first.AddDays)
                .Select(day => new ReportedDay(day.ToString("yyyy-MM-dd"), byDay[day].Count(), byDay[day].Count(HasFailed))),
        ];
    }
}
