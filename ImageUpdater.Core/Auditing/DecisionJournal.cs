using ImageUpdater.Core.Plans;

namespace ImageUpdater.Core.Auditing;

/// <summary>What a plan changes in the state, but not in the cluster: last decisions, adopted baselines, and their audit records.</summary>
public sealed record JournalEntry(
    IReadOnlyList<LastDecision> Decisions,
    IReadOnlyList<ContainerId> Gone,
    IReadOnlyList<Baseline> Adopted,
    IReadOnlyList<AuditRecord> Audit)
{
    /// <summary>True in a cycle without changes, which adds no row.</summary>
    public bool IsEmpty => Decisions.Count == 0 && Gone.Count == 0 && Adopted.Count == 0 && Audit.Count == 0;

    /// <summary>The plan is worth storing. Without news, only the rows of the last decisions are updated.</summary>
    public bool IsNews { get; init; }
}

/// <summary>Compares a plan with the last decisions.</summary>
/// <remarks>
/// | before                  | now                                             | audit record       | news |
/// |-------------------------|-------------------------------------------------|--------------------|------|
/// | none                    | anything                                        | if held or skipped | yes  |
/// | restart or queued       | restart or queued, same digest: it took a turn  | no                 | no   |
/// | restart or queued       | up to date: the rollout has its own records     | no                 | no   |
/// | held or skipped         | anything else                                   | yes                | yes  |
/// | anything else           | held or skipped                                 | yes                | yes  |
/// | held                    | held for the same reason, in other words        | no                 | yes  |
/// | skipped                 | skipped for the same reason, in other words     | no                 | no   |
/// | held, of a flapping tag | up to date and back, while the tag is flapping  | no                 | no   |
///
/// A stored plan contains all that is queued or held, so that one for each turn of 400 queued restarts would fill the volume.
/// </remarks>
public static class DecisionJournal
{
    public static JournalEntry Compare(
        IReadOnlyDictionary<ContainerId, LastDecision> before, RolloutPlan plan, string actor, string? planId)
    {
        var decisions = new List<LastDecision>();
        var adopted = new List<Baseline>();
        var audit = new List<AuditRecord>();
        var seen = new HashSet<ContainerId>();
        var isNews = false;
        foreach (var workload in plan.Workloads)
        {
            foreach (var container in workload.Containers)
            {
                var id = new ContainerId(workload.Uid, container.Container);
                seen.Add(id);
                before.TryGetValue(id, out var stood);
                if (container.Adopt is { } baseline)
                {
                    adopted.Add(baseline);
                    audit.Add(Record(AuditAction.Adopted, $"{container.Container}: {Adoption(container, baseline)}"));
                }

                if (IsSame(stood, container, plan.CreatedAt))
                    continue;

                decisions.Add(new LastDecision(
                    id, workload.Key, container.ImageText, container.Action, container.Reason, container.Explanation,
                    container.From, container.To, IsSameWait(stood, container, plan.CreatedAt) ? stood!.Since : plan.CreatedAt));
                isNews |= IsNews(stood, container);
                if (Transition(stood, container) is { } message)
                    audit.Add(Record(AuditAction.DecisionChanged, message) with { Decision = new(container.Action, container.Reason) });

                AuditRecord Record(AuditAction action, string message) =>
                    new(plan.CreatedAt, action, workload.Key, workload.Uid, actor, message, container.Container, planId);
            }
        }

        var gone = before.Values.Where(decision => !seen.Contains(decision.Id) && plan.Scope.Covers(decision.Workload)).ToList();
        isNews |= audit.Count > 0;
        // Retention deletes what is stored about it, counted from this record. The plan says nothing about it any more.
        var uids = plan.Workloads.Select(workload => workload.Uid).ToHashSet(StringComparer.Ordinal);
        audit.AddRange(gone.Where(decision => !uids.Contains(decision.Id.WorkloadUid)).DistinctBy(decision => decision.Id.WorkloadUid)
            .OrderBy(decision => decision.Workload).Select(decision => new AuditRecord(
                plan.CreatedAt, AuditAction.DecisionChanged, decision.Workload, decision.Id.WorkloadUid, actor, "no longer managed: the workload was deleted or is not enabled")));
        return new JournalEntry(decisions, [.. gone.Select(decision => decision.Id)], adopted, audit)
        {
            IsNews = isNews || gone.Any(decision => Stops(decision.Action) && !IsDue(decision.Action, decision.Reason)),
        };
    }

    // A decision from the future was made by a clock that was wrong: it is recorded again, with the right time.
    private static bool IsSame(LastDecision? before, ContainerDecision now, DateTimeOffset at) =>
        before is not null
        && before.Since <= at
        && before.Action == now.Action
        && before.Reason == now.Reason
        && before.ImageText == now.ImageText
        && before.To == now.To
        && ((!Stops(now.Action) && now.Reason != DecisionReason.PodsNotReplaced) || before.Explanation == now.Explanation);

    // Holds with a deadline count from the beginning of the wait. Were it moved by a change of the words, the words would change again.
    private static bool IsSameWait(LastDecision? before, ContainerDecision now, DateTimeOffset at) =>
        before is not null
        && before.Since <= at
        && ((IsFlap(before.Reason) && IsFlap(now.Reason)) || (before.Reason == now.Reason && Stops(now.Action) && before.Action == now.Action));

    private static bool IsNews(LastDecision? before, ContainerDecision now)
    {
        if (before is null)
            return true;
        if (IsDue(before.Action, before.Reason) && IsDue(now.Action, now.Reason))
            return before.To != now.To || before.ImageText != now.ImageText;
        if (now.Action == ContainerAction.NoOp || FlapsOn(before, now))
            return false;
        return now.Action != ContainerAction.Skip || before.Action != now.Action || before.Reason != now.Reason || before.ImageText != now.ImageText;
    }

    // Restarts and adoptions have records of their own; this one is for a wait that begins, changes its reason or ends. A queued restart does not wait
    // for anything that somebody could look into: its turn comes.
    private static string? Transition(LastDecision? before, ContainerDecision now)
    {
        if (FlapsOn(before, now))
            return null;

        var waited = before is not null && Waits(before.Action, before.Reason);
        if (Waits(now.Action, now.Reason))
            return waited && before!.Reason == now.Reason ? null : $"{now.Container} {(now.Action == ContainerAction.Skip ? "skipped" : "held")}: {now.Explanation}";
        if (!waited)
            return null;

        var queued = now.Reason == DecisionReason.RolloutLimit ? "queued: " : "";
        return $"{now.Container} {(before!.Action == ContainerAction.Skip ? "no longer skipped" : "released")}: {queued}{now.Explanation}";
    }

    // While a tag flaps, its workload is due and not due in turn: each flip would be recorded. A hold whose reason changes with a flip has no record.
    private static bool FlapsOn(LastDecision? before, ContainerDecision now) =>
        before is not null
        && (IsFlap(before.Reason) || (before.Action == ContainerAction.Hold && (before.Reason == now.Reason || now.Reason == DecisionReason.UpToDateForNow)))
        && (now.Reason == DecisionReason.UpToDateForNow || now.Holds.Any(hold => hold.Reason == DecisionReason.Flapping));

    private static bool IsFlap(DecisionReason reason) => reason is DecisionReason.Flapping or DecisionReason.UpToDateForNow;

    private static bool IsDue(ContainerAction action, DecisionReason reason) => action == ContainerAction.Restart || reason == DecisionReason.RolloutLimit;

    private static bool Waits(ContainerAction action, DecisionReason reason) =>
        reason == DecisionReason.UpToDateForNow || (Stops(action) && reason != DecisionReason.RolloutLimit);

    // The explanation of a restart, hold or skip is not about the adoption.
    private static string Adoption(ContainerDecision decision, Baseline baseline) => decision.Action == ContainerAction.NoOp
        ? decision.Explanation
        : baseline.Origin == BaselineOrigin.LastDigest
            ? $"baseline {baseline.Digest.Abbreviated} recorded from the last-digest annotation"
            : $"baseline {baseline.Digest.Abbreviated} recorded from its pods";

    private static bool Stops(ContainerAction action) => action is ContainerAction.Hold or ContainerAction.Skip;
}
