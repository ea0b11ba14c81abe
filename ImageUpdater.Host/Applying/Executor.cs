using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Planning;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Applying;

/// <summary>The plan that is applied, by whom, and the input it was made from.</summary>
internal sealed record ApplyContext(string? PlanId, string Actor, PlanningInput Input, IReadOnlyList<Rollout> OpenRollouts)
{
    /// <summary>A cycle of the controller, which another one follows.</summary>
    public bool IsCycle { get; init; }

    /// <summary>What makes another attempt, for messages.</summary>
    public string Again => IsCycle ? "the next cycle retries" : "run apply again";
}

/// <summary>
/// Applies a plan: for each change it stores the intent, sends the patch, stores the result and gives up the ownership of fields that are others'. If
/// the process is killed in between, <see cref="IntentRecoverer"/> reads the workload to find out what happened, and the next plan that is applied
/// gives up what is still owned.
/// </summary>
internal sealed partial class Executor(
    ClusterClient kubernetes, PlanBuilder planning, IntentRecoverer intents, FinalizerRemover finalizers, FieldRelease fields, IApplyingState store, RestartOptions restarts, Instruments instruments,
    TimeProvider time, ILogger<Executor> logger)
{
    private const int MaxAttempts = 6;
    private const string Contended = "the workload changed during each of 6 attempts";

    // If responses get lost, more patches at the same moment would only add load.
    private const int MaxLost = 2;

    // A change that has started is finished after a stop request, within the grace period. The time counts from the request.
    private static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(6);

    // The messages of the last run. A failing change is retried every cycle, and logged once until its message changes.
    private HashSet<(WorkloadKey Workload, string Message)> logged = [];

    public async Task<IReadOnlyList<AppliedChange>> ApplyAsync(RolloutPlan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        if (restarts.ObserveOnly)
            return [];

        var unrecovered = context.OpenRollouts.Where(rollout => rollout.State == RolloutState.Intended).Select(rollout => rollout.Uid).ToHashSet(StringComparer.Ordinal);
        var applied = new List<AppliedChange>();
        var logging = new HashSet<(WorkloadKey, string)>();
        using var finish = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var asked = cancellationToken.Register(() => finish.CancelAfter(FinishWithin));
        // What an earlier restart could not give up, or was killed before it did.
        foreach (var workload in context.Input.Workloads.Where(workload => workload.OwnsOthersFields && ContainerSelection.IsEnabled(workload.Annotations)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await fields.ReleaseAsync(workload, finish.Token);
        }

        foreach (var change in plan.Changes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (unrecovered.Contains(change.Uid))
            {
                applied.Add(new(change.Key, ApplyOutcome.Unknown, "the outcome of an earlier restart is unknown: the workload could not be read"));
                Log(applied[^1]);
                continue;
            }

            if (change.RemoveLegacyFinalizer)
                Add(await finalizers.RemoveAsync(change, context, finish.Token));
            if (change.Restart is not null)
                Add(await RestartAsync(change, context, finish.Token, cancellationToken));
        }

        if (applied.Exists(change => change.Outcome is not (ApplyOutcome.Restarted or ApplyOutcome.FinalizerRemoved)))
            await RestartQueuedAsync();
        logged = logging;
        return applied;

        // A failed restart frees its slot for the next queued workload. Otherwise a few workloads that can't be patched would block all others.
        async Task RestartQueuedAsync()
        {
            var holds = context.Input.Options.Holds;
            WorkloadPlan[] waiting = [.. plan.Queued.Where(workload => !workload.IsSelf && !unrecovered.Contains(workload.Uid))];
            foreach (var queued in FairTurns.Order(waiting, context.Input.LastServed).Select(turn => waiting[turn]))
            {
                var running = PlanBuilder.Running(await store.OpenRolloutsAsync(cancellationToken));
                if (running.Values.Count(holds.UsesSlot) >= holds.MaxRollouts)
                    return;
                if (running.Values.Count(rollout => holds.UsesSlot(rollout) && rollout.Workload.Namespace == queued.Key.Namespace) >= holds.MaxRolloutsPerNamespace)
                    continue;

                cancellationToken.ThrowIfCancellationRequested();
                Add(await RestartAsync(queued, context with { Input = context.Input with { Running = running } }, finish.Token, cancellationToken));
            }
        }

        void Add(AppliedChange outcome)
        {
            instruments.ChangeApplied(outcome.Workload.Kind, outcome.Outcome);
            // Restarts and removed finalizers are logged with their audit records.
            if (outcome.Outcome is not (ApplyOutcome.Restarted or ApplyOutcome.FinalizerRemoved))
                Log(outcome);
            applied.Add(outcome);
        }

        void Log(AppliedChange outcome)
        {
            logging.Add((outcome.Workload, outcome.Message));
            var level = logged.Contains((outcome.Workload, outcome.Message)) ? LogLevel.Debug : LogLevel.Information;
            Applied(level, outcome.Workload, outcome.Outcome, outcome.Message, context.PlanId, outcome.RolloutId);
        }
    }

    private async Task<AppliedChange> RestartAsync(WorkloadPlan change, ApplyContext context, CancellationToken finishToken, CancellationToken cancellationToken)
    {
        var lost = 0;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = await kubernetes.GetWorkloadAsync(change.Key, cancellationToken);
            if (!read.IsSuccess(out var workload, out var failure))
                return new(change.Key, ApplyOutcome.Failed, failure.Kind == KubernetesFailureKind.NotFound ? "the workload was deleted" : failure.Message);
            if (workload.Uid != change.Uid)
                return new(change.Key, ApplyOutcome.Failed, "the workload was deleted and recreated; the next plan will consider the new one");

            if (await intents.FindLateAsync(workload, cancellationToken) is { } late)
                return Restarted(late, await fields.ReleaseAsync(workload, finishToken));

            // Status updates change resourceVersion too, so a different version means to plan again, not to fail.
            var isAsPlanned = change.Restart is not null && workload.ResourceVersion == change.ResourceVersion;
            var now = isAsPlanned ? change : await planning.ReplanAsync(context.Input, workload, cancellationToken);
            if (now?.Restart is not { } restart)
                return new(change.Key, ApplyOutcome.NotNeeded, Reason(now));
            var (outcome, unanswered) = await TryRestartAsync(workload, now, restart, context, isLast: attempt == MaxAttempts, isLastLoss: attempt == MaxAttempts || lost + 1 == MaxLost, finishToken);
            if (outcome is not null)
                return outcome;
            if (unanswered is not null && (++lost == MaxLost || attempt == MaxAttempts))
                return new(change.Key, ApplyOutcome.Failed, $"{unanswered}; {context.Again}");
        }

        return new(change.Key, ApplyOutcome.Failed, $"{Contended}; {context.Again}");
    }

    /// <summary>Returns no outcome after a conflict, or when a patch without a response did not arrive: the caller reads and plans again.</summary>
    private async Task<(AppliedChange? Outcome, string? Unanswered)> TryRestartAsync(
        WorkloadSnapshot workload, WorkloadPlan change, RestartChange restart, ApplyContext context, bool isLast, bool isLastLoss, CancellationToken finishToken)
    {
        var intent = Intents.For(workload, change, restart, context, time.GetUtcNow());
        await store.BeginRolloutAsync(intent, finishToken);

        var answer = await kubernetes.PatchWorkloadAsync(workload.Key, intent.Patch, finishToken);
        if (answer.IsSuccess(out var patched, out var failure))
        {
            await store.MarkPatchedAsync(intent.Id, patched.ResourceVersion, AuditRecords.Restarted(intent, time.GetUtcNow(), recovered: false), CancellationToken.None);
            return (Restarted(intent, await fields.ReleaseAsync(patched, finishToken)), null);
        }

        if (failure.MayHaveArrived)
        {
            var read = await kubernetes.GetWorkloadAsync(workload.Key, finishToken);
            if (!read.IsSuccess(out var now, out _))
                return (new(workload.Key, ApplyOutcome.Unknown, $"no response to the patch: {failure.Message}", intent.Id), null);
            var record = isLastLoss ? await LostAsync(intent, failure.Message) : null;
            return await intents.RecoverAsync(intent, now, record, CancellationToken.None)
                ? (Restarted(intent, await fields.ReleaseAsync(now, finishToken)), null)
                : (null, failure.Message);
        }

        if (failure.Kind == KubernetesFailureKind.Conflict)
        {
            instruments.Conflicted();
            if (isLast)
                await RefusedAsync(intent, Contended);
            else
                await store.DiscardIntentAsync(intent.Id, CancellationToken.None);
            return default;
        }

        var reason = failure.Kind == KubernetesFailureKind.NotFound ? "the workload was deleted" : failure.Message;
        await RefusedAsync(intent, reason);
        return (new(workload.Key, ApplyOutcome.Failed, reason, intent.Id), null);
    }

    /// <summary>The record of patches that got lost, once until something else has become of a restart; null if there is one.</summary>
    private async Task<AuditRecord?> LostAsync(Rollout intent, string reason)
    {
        var before = await store.RolloutsOfAsync(intent.Uid, limit: MaxLost + 1, CancellationToken.None);
        // Those of this run are not recorded, and are only the last ones.
        var isRecorded = before.Count > MaxLost && before.All(rollout => rollout.Id == intent.Id || rollout is { State: RolloutState.NotApplied, Outcome: IntentRecoverer.NeverArrived });
        return isRecorded ? null : AuditRecords.RestartFailed(intent, time.GetUtcNow(), reason);
    }

    // The restart is retried every cycle, and recorded once until the reason changes.
    private async Task RefusedAsync(Rollout intent, string reason)
    {
        var before = (await store.RolloutsOfAsync(intent.Uid, limit: 2, CancellationToken.None)).FirstOrDefault(rollout => rollout.Id != intent.Id);
        if (before is { State: RolloutState.NotApplied } && before.Outcome == reason)
            await store.DiscardIntentAsync(intent.Id, CancellationToken.None);
        else
            await store.MarkNotAppliedAsync(intent.Id, reason, AuditRecords.RestartFailed(intent, time.GetUtcNow(), reason), CancellationToken.None);
    }

    private static AppliedChange Restarted(Rollout intent, string? notReleased) => new(
        intent.Workload, ApplyOutcome.Restarted,
        notReleased is null ? "restarted" : $"restarted; a server-side apply of the manifest may conflict, because the ownership of its fields could not be given up: {notReleased}; the next cycle or apply retries",
        intent.Id);

    /// <summary>Why the workload is not restarted.</summary>
    public static string Reason(WorkloadPlan? now) => now is null
        ? "the workload is no longer enabled"
        : now.Containers.Where(container => container.Reason != DecisionReason.NotTracked).MaxBy(container => container.Action)?.Explanation ?? "the workload has no tracked container";

    [LoggerMessage(EventId = 210, Message = "{Workload}: {Outcome}: {Detail} [{Plan} {Rollout}]")]
    private partial void Applied(LogLevel level, WorkloadKey workload, ApplyOutcome outcome, string detail, string? plan, string? rollout);
}
