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
}

/// <summary>Compares a plan with the last decisions.</summary>
public static class DecisionJournal
{
    public static JournalEntry Compare(
        IReadOnlyDictionary<ContainerId, LastDecision> before, RolloutPlan plan, string actor, string? planId)
    {
        var decisions = new List<LastDecision>();
        var adopted = new List<Baseline>();
        var audit = new List<AuditRecord>();
        var seen = new HashSet<ContainerId>();
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
                    container.From, container.To, plan.CreatedAt));
                if (Transition(stood, container) is { } message)
                    audit.Add(Record(AuditAction.DecisionChanged, message) with { Decision = new(container.Action, container.Reason) });

                AuditRecord Record(AuditAction action, string message) =>
                    new(plan.CreatedAt, action, workload.Key, workload.Uid, actor, message, container.Container, planId);
            }
        }

        var gone = before.Values.Where(decision => !seen.Contains(decision.Id) && plan.Scope.Covers(decision.Workload)).Select(decision => decision.Id);
        return new JournalEntry(decisions, [.. gone], adopted, audit);
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

    // Restarts and adoptions have records of their own; this one is for a wait that begins, changes its reason or ends.
    private static string? Transition(LastDecision? before, ContainerDecision now)
    {
        var waited = before is not null && Stops(before.Action);
        if (Stops(now.Action))
            return waited && before!.Reason == now.Reason ? null : $"{now.Container} {Waits(now)}";
        if (!waited)
            return null;

        return $"{now.Container} {(before!.Action == ContainerAction.Hold ? "released" : "no longer skipped")}: {now.Explanation}";
    }

    private static string Waits(ContainerDecision decision) =>
        decision.Action == ContainerAction.Skip ? $"skipped: {decision.Explanation}"
        : decision.Reason == DecisionReason.RolloutLimit ? $"queued: {decision.Explanation}"
        : $"held: {decision.Explanation}";

    // The explanation of a restart, hold or skip is not about the adoption.
    private static string Adoption(ContainerDecision decision, Baseline baseline) => decision.Action == ContainerAction.NoOp
        ? decision.Explanation
        : baseline.Origin == BaselineOrigin.LastDigest
            ? $"baseline {baseline.Digest.Abbreviated} recorded from the last-digest annotation"
            : $"baseline {baseline.Digest.Abbreviated} recorded from its pods";

    private static bool Stops(ContainerAction action) => action is ContainerAction.Hold or ContainerAction.Skip;
}
