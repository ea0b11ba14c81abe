using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>Whether a restart that is due may start now. <see cref="ContainerRules"/> decides which restarts are due.</summary>
/// <remarks>
/// All holds are reported, in this order:
///
/// | the workload, or the container's new digest                        | reason            | ends                             |
/// |--------------------------------------------------------------------|-------------------|----------------------------------|
/// | is being deleted                                                   | Deleting          |                                  |
/// | is a paused Deployment                                             | Paused            |                                  |
/// | has an invalid, an unknown or a misplaced annotation               | InvalidAnnotation |                                  |
/// | failed to roll out, here or for another workload                   | Quarantined       |                                  |
/// | has a rollout in progress                                          | RolloutRunning    | when the rollout ends            |
/// | has a tag that flaps                                               | Flapping          | when one digest was served for long enough |
/// | needs approval, and has none                                       | ApprovalRequired  |                                  |
/// | has not been served for as long as min-age says                    | MinAge            | when it has                      |
/// | was restarted less than its cooldown ago                           | Cooldown          | when that is over                |
/// | is outside its windows                                             | OutsideWindow     | when the next one opens          |
///
/// A container whose pods do not run the digest that was rolled out is held although no restart is due (Mismatch, Reverted).
///
/// A restart pulls the newest digest for every container, so one held digest holds the whole workload.
/// Queueing among workloads is decided afterwards, by <see cref="RolloutLimits"/>.
/// </remarks>
internal sealed class WorkloadHolds(PlanningInput input, Quarantine quarantine)
{
    private readonly HoldSettingsReader reader = new(input.Options.Holds);

    // Thousands of workloads share a few windows, and calendars are slow.
    private readonly Dictionary<WeeklyWindows, DateTimeOffset?> openings = [];

    private readonly HashSet<ObservedImage> neededObservations = [];

    public IReadOnlySet<ObservedImage> NeededObservations => neededObservations;

    public IReadOnlySet<Digest> NeededVerified => quarantine.NeededVerified;

    /// <summary>A cooldown needs the last restarts, which were not in the input.</summary>
    public bool NeedsLastRestarts { get; private set; }

    public HoldSettings Settings(WorkloadSnapshot workload) => reader.Read(workload);

    /// <param name="decisions">Of all tracked containers.</param>
    public IReadOnlyList<ContainerDecision> Decide(WorkloadSnapshot workload, HoldSettings settings, IReadOnlyList<ContainerDecision> decisions)
    {
        var ended = quarantine.IsEmpty ? [] : quarantine.Of(workload.Uid, decisions);
        if (ended.Count > 0)
            decisions = [.. decisions.Select(decision => Ended(workload, settings, decision, ended))];
        if (!quarantine.IsEmpty)
            decisions = [.. decisions.Select(decision => Retried(workload, decision))];
        decisions = [.. decisions.Select(decision => Quieted(workload, decision))];
        if (!decisions.Any(IsRestart))
            return decisions;

        var first = First(workload, settings, [.. ended.Where(entry => entry.IsFailure)], decisions);
        var own = decisions.Where(IsRestart).ToDictionary(
            decision => decision.Container, decision => Own(workload, settings, decision).ToList(), StringComparer.Ordinal);
        var rest = Rest(workload, settings, isFirst: first.Count == 0 && own.Values.All(holds => holds.Count == 0)).ToList();
        return [.. decisions.Select(decision => !IsRestart(decision) ? decision : decision.Reason == DecisionReason.PinPrevious
            ? Held(decision, [.. first])
            : Held(decision, [.. first, .. own[decision.Container], .. OfOthers(decision, own), .. rest]))];
    }

    /// <summary>The decision with these holds; unchanged if there are none.</summary>
    public static ContainerDecision Held(ContainerDecision decision, IReadOnlyList<Hold> holds) => holds.Count == 0 ? decision : decision with
    {
        Action = ContainerAction.Hold,
        Reason = holds[0].Reason,
        Explanation = string.Join("; ", holds.Select(hold => hold.Explanation)),
        Holds = holds,
    };

    // The digest is its baseline, so no restart is due: report why it is held, or pin to the previous digest.
    private static ContainerDecision Ended(
        WorkloadSnapshot workload, HoldSettings settings, ContainerDecision decision, IReadOnlyList<QuarantinedDigest> ended)
    {
        if (decision.Action != ContainerAction.NoOp || ended.FirstOrDefault(entry => Quarantine.IsAbout(entry, decision)) is not { } entry)
            return decision;

        return entry.IsFailure ? Failed(workload, settings, decision, entry) : Held(decision with { Adopt = null }, [new(entry.Reason, NotRunning(entry))]);
    }

    private static string NotRunning(QuarantinedDigest entry)
    {
        var what = entry.Reason == DecisionReason.Reverted
            ? $"the rollout to {entry.Digest.Abbreviated} was reverted at {Hold.Moment(entry.Since)}"
            : $"{entry.Digest.Abbreviated} was rolled out at {Hold.Moment(entry.Since)}, but pods run another digest";
        return $"{what}: {entry.Why}; held until all pods run it or the tag serves another digest; to roll it out again, run {Retry(entry.Workload)}";
    }

    // The digest is its baseline, or it was pinned away from it: without this, nothing would be due.
    private ContainerDecision Retried(WorkloadSnapshot workload, ContainerDecision decision)
    {
        if ((decision.Action != ContainerAction.NoOp && decision.Reason != DecisionReason.PinnedToPrevious) || quarantine.RetryOf(workload.Uid, decision) is not { } entry)
            return decision;

        var pins = TagPins.Of(workload);
        var isPinned = workload.Containers.Concat(workload.InitContainers).Any(container => container.Name == decision.Container && pins.IsOurs(container));
        return decision with
        {
            Action = ContainerAction.Restart,
            Reason = DecisionReason.Retry,
            Explanation = $"retry requested by {entry.RetryBy}; the last rollout to {entry.Digest.Abbreviated} ended at {Hold.Moment(entry.Since)}: {entry.Why}",
            From = entry.Previous,
            Adopt = null,
            Holds = [],
            ImageAfter = isPinned ? TagPins.Unpinned(decision.ImageText) : null,
        };
    }

    private static string Retry(WorkloadKey workload) => $"image-updater retry {workload.KindAndName} --namespace {workload.Namespace}";

    private static ContainerDecision Failed(WorkloadSnapshot workload, HoldSettings settings, ContainerDecision decision, QuarantinedDigest entry)
    {
        var after = $"the rollout to {entry.Digest.Abbreviated} failed at {Hold.Moment(entry.Since)} ({entry.Why})";
        if (settings.OnFailure != OnFailure.PinPrevious)
            return Held(decision, [new(DecisionReason.Quarantined, $"{after}; push a newer digest, or run {Retry(entry.Workload)}")]);
        if (entry.Previous is not { } previous)
            return Held(decision, [new(DecisionReason.Quarantined, $"{after}; the previous digest is unknown, so it cannot be pinned; push a newer digest, or run {Retry(entry.Workload)}")]);

        // Whoever did it, a person or a GitOps controller, would do so again, each time with a rollout of its own.
        var pins = TagPins.Of(workload);
        if (workload.Containers.Concat(workload.InitContainers).Any(container => container.Name == decision.Container && pins.WasSetBack(container)))
            return Held(decision, [new(DecisionReason.Quarantined, $"{after}; it was pinned to {previous.Abbreviated}, but the image was set back to {decision.ImageText}, so it is not pinned again; push a newer digest, or run {Retry(entry.Workload)}")]);

        return decision with
        {
            Action = ContainerAction.Restart,
            Reason = DecisionReason.PinPrevious,
            Explanation = $"{after}; pinning to {previous.Abbreviated} until a newer digest is served (on-failure: pin-previous)",
            To = previous,
            ImageAfter = TagPins.Pinned(decision.ImageText, decision.Image!, previous),
        };
    }

    private List<Hold> First(
        WorkloadSnapshot workload, HoldSettings settings, IReadOnlyList<QuarantinedDigest> failed, IReadOnlyList<ContainerDecision> decisions)
    {
        var holds = new List<Hold>();
        if (workload.Deleting)
            holds.Add(new(DecisionReason.Deleting, "the workload is being deleted"));
        if (workload.Paused)
            holds.Add(new(DecisionReason.Paused, "the Deployment is paused; resume it with kubectl rollout resume"));
        if (settings.Problems.Count > 0)
            holds.Add(new(DecisionReason.InvalidAnnotation, string.Join("; ", settings.Problems)));
        if (failed.Count > 0 && !decisions.Any(decision => decision.Reason == DecisionReason.PinPrevious))
            holds.Add(new(DecisionReason.Quarantined, $"the rollout of {failed[0].Id.Container} to {failed[0].Digest.Abbreviated} failed, and a restart would roll it out again; push a newer digest, or run {Retry(workload.Key)}"));
        if (!quarantine.HasFailed(workload) && Running(workload, isFirst: holds.Count == 0) is { } running)
            holds.Add(running);
        return holds;
    }

    private IEnumerable<Hold> Own(WorkloadSnapshot workload, HoldSettings settings, ContainerDecision decision)
    {
        var to = decision.To!;
        if (!quarantine.IsEmpty && quarantine.OfOthers(workload, decision) is { } other)
        {
            var scope = input.Options.Holds.Quarantine == QuarantineScope.Cluster ? "cluster" : "namespace";
            yield return new(
                DecisionReason.Quarantined,
                $"the rollout of {other.Workload} to {to.Abbreviated} failed at {Hold.Moment(other.Since)} ({other.Why}), and no rollout to it in the {scope} was verified; push a newer digest, or run {Retry(other.Workload)}");
        }

        if (Flapping(workload, decision) is { } flapping)
            yield return flapping;

        if (settings.ApprovalRequired && !settings.Approves(decision.Container, to) && !input.Approved.Contains((new ContainerId(workload.Uid, decision.Container), to)))
        {
            yield return new(
                DecisionReason.ApprovalRequired,
                $"approval is required: kubectl annotate {workload.Key.KindAndName} --namespace {workload.Key.Namespace} --overwrite {Annotations.ApprovedDigest}={decision.Container}:{to}");
        }

        if (settings.MinAge > TimeSpan.Zero)
        {
            // A time in the future is from a clock that was wrong. The next check corrects it in the store; until then a time here would move.
            if (Served(workload, decision) is not { } served || !input.ServedSince.TryGetValue(served.Observed, out var since) || since > input.Now)
                yield return new(DecisionReason.MinAge, $"{to.Abbreviated} is new; min-age {Durations.Format(settings.MinAge)} counts from the next check");
            else if (since + settings.MinAge is var until && until > input.Now)
                yield return new(DecisionReason.MinAge, $"{to.Abbreviated} has been served since {Hold.Moment(since)}; min-age {Durations.Format(settings.MinAge)} ends at {Hold.Moment(until)}", until);
        }
    }

    // The registry serves the baseline again: nothing is due, but the tag is not at rest. Said only of what was held, so that it is released once, at the end.
    private ContainerDecision Quieted(WorkloadSnapshot workload, ContainerDecision decision) =>
        decision is { Action: ContainerAction.NoOp, Reason: DecisionReason.UpToDate, Adopt: null }
        && input.LastDecisions.GetValueOrDefault(new ContainerId(workload.Uid, decision.Container)) is { } last
        && (last.Action == ContainerAction.Hold || last.Reason == DecisionReason.UpToDateForNow)
        && Flapping(workload, decision) is not null
            ? decision with { Reason = DecisionReason.UpToDateForNow, Explanation = $"up to date; {Flaps}" }
            : decision;

    private static string Flaps => $"the tag is flapping: it returned to an earlier digest {Flap.Returns} times within {Durations.Format(Flap.Within)}";

    private Hold? Flapping(WorkloadSnapshot workload, ContainerDecision decision)
    {
        var stabilization = input.Options.Holds.FlapStabilization;
        if (Served(workload, decision) is not { } served || !input.ServedSince.TryGetValue(served.Observed, out var since)
            || (served.At < input.Now ? served.At : input.Now) >= since + stabilization)
        {
            return null;
        }

        if (!input.Observations.TryGetValue(served.Observed, out var observations))
        {
            neededObservations.Add(served.Observed);
            return null;
        }

        if (Flap.EndOf(observations, served.At, stabilization, input.Now) is not { } end)
            return null;

        // Not with that end: the check after it ends the hold, since what happened after the last check is not known.
        return new Hold(
            DecisionReason.Flapping,
            $"{Flaps}; {decision.To!.Abbreviated} has been served since {Hold.Moment(since)} and will be rolled out if it is still served at {Hold.Moment(end)}");
    }

    private ServedCheck? Served(WorkloadSnapshot workload, ContainerDecision decision) =>
        decision.Image is { } image ? input.Checks.For(image, workload.Key.Namespace) as ServedCheck : null;

    // Holds of the whole workload (deleting, paused, annotations, rollouts) already apply to all its containers.
    private static IEnumerable<Hold> OfOthers(ContainerDecision decision, Dictionary<string, List<Hold>> own) => own
        .Where(other => other.Key != decision.Container && own[decision.Container].Count == 0)
        .SelectMany(other => other.Value, (other, hold) => hold with { Explanation = $"a restart would also roll out {other.Key}: {hold.Explanation}" });

    private IEnumerable<Hold> Rest(WorkloadSnapshot workload, HoldSettings settings, bool isFirst)
    {
        if (Cooldown(workload, settings.Cooldown, isFirst) is { } cooldown)
            yield return cooldown;
        if (OpensAfterNow(settings.Window) is { } opens)
            yield return new(DecisionReason.OutsideWindow, $"outside window {settings.Window.Text}; opens at {Hold.Moment(opens)}", opens);
    }

    private Hold? Cooldown(WorkloadSnapshot workload, TimeSpan cooldown, bool isFirst)
    {
        if (cooldown <= TimeSpan.Zero || LastRestart(workload) is not { } last)
            return null;

        var isAhead = last > input.Now;
        var until = (isAhead ? HeldSince(workload, DecisionReason.Cooldown) : last) + cooldown;
        if (until <= input.Now)
            return null;

        // Without the end: it would change with every plan until this is the workload's first hold, and be recorded each time.
        return new(
            DecisionReason.Cooldown,
            isAhead
                ? $"restarted at {Hold.Moment(last)}, which is in the future; cooldown {Durations.Format(cooldown)} counts from when this was first seen"
                : $"restarted at {Hold.Moment(last)}; cooldown {Durations.Format(cooldown)} ends at {Hold.Moment(until)}",
            isAhead && !isFirst ? null : until);
    }

    private DateTimeOffset? OpensAfterNow(WeeklyWindows window)
    {
        if (!openings.TryGetValue(window, out var opens))
            openings.Add(window, opens = window.OpensAfter(input.Now));
        return opens;
    }

    // The workload's annotation has manual restarts and survives a lost volume; the store has restarts whose annotation was removed.
    private DateTimeOffset? LastRestart(WorkloadSnapshot workload)
    {
        if (input.LastRestarts is null)
            NeedsLastRestarts = true;

        DateTimeOffset? stored = input.LastRestarts?.TryGetValue(workload.Uid, out var at) == true ? at : null;
        var written = RestartTime.Read(workload.RestartedAt);
        // What the template says is its last restart. The newest one in the store may be an earlier one, by a clock that was ahead.
        return written is null || (stored > written && stored <= input.Now) ? stored : written;
    }

    private Hold? Running(WorkloadSnapshot workload, bool isFirst)
    {
        // When our own rollout ends is unknown.
        if (input.Running.TryGetValue(workload.Uid, out var ours))
            return new(DecisionReason.RolloutRunning, $"rollout {ours.Id} is in progress");
        if (!RolloutStatusRules.IsRolling(workload))
            return null;
        // Since when it is waited for is known of the first hold only: a time that starts now would move with every plan.
        if (!isFirst)
            return new(DecisionReason.RolloutRunning, "a rollout is in progress");

        var timeout = RolloutDeadline.Of(workload, input.Options.Holds.RolloutTimeout);
        // A rollout that never ends must not hold the restart that may fix it.
        var since = HeldSince(workload, DecisionReason.RolloutRunning);
        return since + timeout > input.Now
            ? new(DecisionReason.RolloutRunning, $"a rollout is in progress; waiting until {Hold.Moment(since + timeout)} at the latest", since + timeout)
            : null;
    }

    // Now, if it was not held for that reason before, or since a time in the future: the journal then records the decision with the right time.
    private DateTimeOffset HeldSince(WorkloadSnapshot workload, DecisionReason reason) =>
        workload.Containers.Concat(workload.InitContainers)
            .Select(container => input.LastDecisions.GetValueOrDefault(new ContainerId(workload.Uid, container.Name)))
            .Where(decision => decision?.Reason == reason && decision.Since <= input.Now)
            .Min(decision => decision?.Since) ?? input.Now;

    private static bool IsRestart(ContainerDecision decision) => decision.Action == ContainerAction.Restart;
}
