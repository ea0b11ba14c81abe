using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Planning;
using ImageUpdater.Reports;
using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>
/// Applies an approved plan: restarts up to the rollout limit, then the queued workloads as rollouts end. A workload whose rollout fails is pinned to its
/// previous digest where <c>on-failure</c> says so, as <c>run</c> does.
/// </summary>
internal sealed class ApplyRun(Session session, IAnsiConsole console, bool wait, TimeSpan? timeout)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    private readonly List<AppliedChange> applied = [];

    // Not queued: the executor has tried them.
    private readonly HashSet<WorkloadKey> tried = [];

    // Workloads whose rollout failed, until the plan after it.
    private readonly HashSet<string> failed = new(StringComparer.Ordinal);
    private ApplyTally tally = new(wanted: 0, session.Time.GetUtcNow());
    private int left;
    private DateTimeOffset until;
    private bool allWell = true;

    public async Task<int> ApplyAsync(MadePlan made, CancellationToken cancellationToken)
    {
        tally = new ApplyTally(made.Plan.Counts.Restart + Queued(made).Count(), session.Time.GetUtcNow());
        try
        {
            var exitCode = await ApplyAllAsync(made, cancellationToken);
            if (tally.Describe(session.Time.GetUtcNow(), left) is { } done)
                console.MarkupLine($"[bold]{done}[/]");
            return exitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return await InterruptedAsync();
        }
    }

    // The store also has the rollouts of patches that were sent when it was interrupted.
    private async Task<int> InterruptedAsync()
    {
        var running = (await session.Store.Applying.OpenRolloutsAsync(CancellationToken.None)).Count(rollout => rollout.StartedAt >= tally.StartedAt);
        var started = Math.Max(tally.Restarted, tally.Restarted - tally.Running + running);
        if (started == 0)
            return CommandLine.Fail("interrupted; nothing was changed");

        left = tally.LeftAfter(started);
        var rest = left == 0 ? "" : $"; {Words.Count(left, "workload")} not restarted yet";
        return CommandLine.Fail(
            (running == 0
                ? $"interrupted: {Words.Count(started, "rollout")} ended{rest}. "
                : $"interrupted: {Words.Count(running, "rollout")} of {started} still running, and Kubernetes continues {(running == 1 ? "it" : "them")}{rest}. ")
            + "Run image-updater apply to restart what is left, and image-updater history to see the results");
    }

    private async Task<int> ApplyAllAsync(MadePlan made, CancellationToken cancellationToken)
    {
        var scope = made.Plan.Scope;
        // Not what is held for approval: a plan that is made and confirmed here shows it as held.
        var approved = DigestsOf(made.Plan.Changes.Concat(made.Plan.Queued));
        until = session.Time.GetUtcNow() + (timeout ?? LongestWait);
        while (true)
        {
            await ApplyOnceAsync(made, cancellationToken);
            left = Queued(made).Count();
            if (!wait)
                break;

            // Includes rollouts that an earlier apply did not wait for: without a controller, nothing else records how they end.
            var queued = left;
            var rollouts = (await session.Store.Applying.OpenRolloutsAsync(cancellationToken))
                .Where(rollout => rollout.State == RolloutState.Running && (queued > 0 || scope.Covers(rollout.Workload)))
                .Select(rollout => rollout.Id).ToHashSet(StringComparer.Ordinal);
            if (rollouts.Count > 0 && !await WaitAsync(rollouts, queued, cancellationToken))
                return CommandLine.RolloutFailed;
            if (queued == 0 && failed.Count == 0)
                break;

            var again = await session.PlanAsync(request => request with { Namespaces = scope.Namespaces, Refresh = Refresh.None, KeepEmpty = false, Approved = approved }, cancellationToken);
            if (!again.IsSuccess(out var now, out var failure))
                return CommandLine.Fail($"{failure.Message}; {Words.Count(queued, "workload")} of the plan still queued");

            List<WorkloadPlan> rest = [.. Rest([.. Queued(made)], now.Plan, approved), .. Pins(now.Plan, approved)];
            made = now with { Id = made.Id, IsStored = made.IsStored, Plan = now.Plan with { Workloads = rest } };
            if (rollouts.Count == 0 && !made.Plan.Changes.Any())
                break;
        }

        left = Queued(made).Count();
        if (left > 0)
            console.WriteLine($"{left} more {(left == 1 ? "workload is" : "workloads are")} queued; the controller or another apply will restart {(left == 1 ? "it" : "them")}.");
        if (applied.Count(change => change.Outcome is ApplyOutcome.Failed or ApplyOutcome.Unknown) is var notApplied and > 0)
            return CommandLine.Fail($"{notApplied} of {applied.Count} changes failed; see the lines marked x");
        return allWell ? CommandLine.Success : CommandLine.RolloutFailed;
    }

    /// <summary>The digests that these workloads are restarted for, by container.</summary>
    public static HashSet<(ContainerId Id, Digest Digest)> DigestsOf(IEnumerable<WorkloadPlan> workloads) =>
    [
        .. from workload in workloads
           from container in workload.Containers
           where container.IsWanted && container.To is not null
           select (new ContainerId(workload.Uid, container.Container), container.To!),
    ];

    // Without those that the executor already tried: it gives the slot of a failed restart to the next one in the queue.
    private IEnumerable<WorkloadPlan> Queued(MadePlan made) =>
        made.Plan.Queued.Where(queued => !tried.Contains(queued.Key));

    private async Task ApplyOnceAsync(MadePlan made, CancellationToken cancellationToken)
    {
        // Without changes, too: an earlier apply may have been killed before its last step.
        foreach (var change in await session.ApplyAsync(made, cancellationToken))
        {
            applied.Add(change);
            tally.Add(change);
            tried.Add(change.Workload);
            console.MarkupLine($"{Mark(change.Outcome)} {Terminal.Text($"{change.Workload}: {change.Message}")}");
        }

        if (timeout is null && made.Plan.Changes.Any())
            until = session.Time.GetUtcNow() + LongestWait;
    }

    // Keeps only the approved digests. A queued workload that is no longer due is reported once, when it leaves the plan.
    private List<WorkloadPlan> Rest(IReadOnlyList<WorkloadPlan> before, RolloutPlan now, HashSet<(ContainerId Id, Digest Digest)> approved)
    {
        var rest = new List<WorkloadPlan>();
        var present = now.Workloads.ToDictionary(workload => workload.Key);
        foreach (var waited in before)
        {
            var workload = present.GetValueOrDefault(waited.Key);
            var due = workload?.Containers.Where(container => container.IsDue).ToList() ?? [];
            if (due.Count > 0 && DigestsOf([workload!]).IsSubsetOf(approved))
                rest.Add(workload!);
            else
                console.MarkupLine($"[grey]-[/] {Terminal.Text($"{waited.Key}: {Left(workload, due.Count > 0)}")}");
        }

        return rest;
    }

    // Approved with the plan: on-failure is part of what it said about the workload.
    private List<WorkloadPlan> Pins(RolloutPlan now, HashSet<(ContainerId Id, Digest Digest)> approved)
    {
        var pins = now.Workloads.Where(workload => failed.Contains(workload.Uid) && workload.Containers.Any(container => container.IsDue)
            && workload.Containers.All(container => !container.IsDue || container.IsPin)).ToList();
        failed.Clear();
        foreach (var pin in pins)
        {
            tried.Remove(pin.Key);
            approved.UnionWith(DigestsOf([pin]));
            foreach (var container in pin.Containers.Where(container => container.IsDue))
                console.MarkupLine($"[yellow]![/] {Terminal.Text($"{pin.Key}: {container.Container}: {container.Explanation}")}");
        }

        return pins;
    }

    private static string Left(WorkloadPlan? workload, bool isUnapproved) => workload is null
        ? "the workload was deleted, or is no longer enabled"
        : isUnapproved ? "the digest to roll out has changed; run plan again" : Executor.Reason(workload);

    // With workloads queued, returns when one rollout has ended; with none, when all have.
    private Task<bool> WaitAsync(HashSet<string> rollouts, int queued, CancellationToken cancellationToken) =>
        Terminal.WithProgressAsync("waiting for the rollouts", async show =>
        {
            while (true)
            {
                var before = rollouts.Count;
                foreach (var tracked in await session.Tracker.TrackAsync(cancellationToken))
                {
                    if (!rollouts.Contains(tracked.Rollout.Id))
                        continue;
                    if (tracked.State == RolloutState.Running)
                        show($"{tracked.Rollout.Workload}: {tracked.Explanation}");
                    else if (rollouts.Remove(tracked.Rollout.Id))
                        Ended(tracked.Rollout, tracked.State, tracked.Explanation);
                }

                if (rollouts.Count == 0 || (queued > 0 && rollouts.Count < before))
                    return true;
                if (session.Time.GetUtcNow() >= until)
                {
                    var more = queued == 0 ? "" : $"; {Words.Count(queued, "workload")} of the plan still queued";
                    CommandLine.Fail($"timed out after {Words.Span(timeout ?? LongestWait)} waiting for {Words.Count(rollouts.Count, "rollout")}; Kubernetes continues {(rollouts.Count == 1 ? "it" : "them")}, and run or another apply will record the result (see history){more}");
                    return false;
                }

                await Task.Delay(LookEvery, session.Time, cancellationToken);
            }
        });

    private void Ended(Rollout rollout, RolloutState state, string explanation)
    {
        var well = state == RolloutState.Succeeded;
        allWell &= well || state == RolloutState.Superseded;
        if (state is RolloutState.Failed or RolloutState.TimedOut)
            failed.Add(rollout.Uid);
        var detail = rollout.VerificationMessage is { } verification ? $"; {verification}" : "";
        console.MarkupLine($"{(well ? "[green]ok[/]" : "[red]x[/]")} {Terminal.Text($"{rollout.Workload}: {explanation}{detail}")}{tally.Ended(rollout, state, session.Time.GetUtcNow())}");
    }

    private static string Mark(ApplyOutcome outcome) => outcome switch
    {
        ApplyOutcome.Restarted or ApplyOutcome.FinalizerRemoved => "[green]~[/]",
        ApplyOutcome.NotNeeded => "[grey]-[/]",
        _ => "[red]x[/]",
    };
}
