using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Tracking;

/// <summary>The progress of a rollout.</summary>
internal sealed record TrackedRollout(Rollout Rollout, RolloutState State, string Explanation);

/// <summary>Tracks rollouts until they end, by the rules of <c>kubectl rollout status</c>, then verifies what the new pods run.</summary>
/// <param name="informers">Null for a command, which gets each workload from the API.</param>
internal sealed class RolloutTracker(
    ClusterClient kubernetes, IApplyingState store, PodVerification pods, RestartOptions options, TimeProvider time, Informers? informers = null)
{
    // A watch may hang without an error, so what an informer shows of a running rollout is confirmed by a read at this interval.
    private static readonly TimeSpan ConfirmEvery = TimeSpan.FromSeconds(30);

    // Restarts of one workload within the seconds of one check.
    private const int LookBack = 20;

    private readonly ConcurrentDictionary<string, long> confirmed = new(StringComparer.Ordinal);
    private readonly RolloutPaces paces = new(isContinuous: informers is not null, time);

    /// <summary>Checks each open rollout, and records the end of those that have ended.</summary>
    public async Task<IReadOnlyList<TrackedRollout>> TrackAsync(CancellationToken cancellationToken)
    {
        var tracked = new List<TrackedRollout>();
        var open = await store.OpenRolloutsAsync(cancellationToken);
        // One may have ended elsewhere: a newer restart of its workload supersedes it.
        foreach (var ended in confirmed.Keys.Except(open.Select(rollout => rollout.Id), StringComparer.Ordinal))
            Forget(ended);
        foreach (var rollout in open)
        {
            if (rollout.State == RolloutState.Running)
                tracked.Add(await TrackAsync(rollout, cancellationToken));
        }

        return tracked;
    }

    // An informer may lag behind: it may have missed our patch or a later one, and it drops workloads that are no longer enabled. So it is used
    // only while it shows our own restart, and never for a timeout, a deletion or a superseding restart.
    private async Task<TrackedRollout> TrackAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        if (!IsConfirmed(rollout) || informers?.Find(rollout.Workload, rollout.Uid) is not { } workload || workload.RestartedAt != rollout.RestartedAt)
            return await GetAsync(rollout, cancellationToken);

        var pace = paces.Read(rollout, workload);
        return IsLate(workload, pace) ? await GetAsync(rollout, cancellationToken) : await EvaluateAsync(rollout, workload, pace, cancellationToken);
    }

    private bool IsConfirmed(Rollout rollout) => time.GetElapsedTime(confirmed.GetOrAdd(rollout.Id, _ => time.GetTimestamp())) < ConfirmEvery;

    private async Task<TrackedRollout> GetAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        confirmed[rollout.Id] = time.GetTimestamp();
        var answer = await kubernetes.GetWorkloadAsync(rollout.Workload, cancellationToken);
        if (!answer.IsSuccess(out var workload, out var failure))
        {
            if (failure.Kind == KubernetesFailureKind.NotFound)
                return await EndAsync(rollout, RolloutState.WorkloadGone, "the workload was deleted before the rollout ended", verification: null, cancellationToken);

            await SaveAsync(rollout, paces.Unread(rollout), cancellationToken);
            return new TrackedRollout(rollout, RolloutState.Running, failure.Message);
        }

        if (workload.Uid != rollout.Uid)
            return await EndAsync(rollout, RolloutState.WorkloadGone, "the workload was deleted and recreated before the rollout ended", verification: null, cancellationToken);
        if (RolloutReversal.IsReverted(rollout, workload))
            return await RevertedAsync(rollout, workload, paces.Read(rollout, workload), cancellationToken);
        if (workload.RestartedAt != rollout.RestartedAt)
            return await EndAsync(rollout, RolloutState.Superseded, $"superseded by another restart at {OutsideTime(workload)}", verification: null, cancellationToken);
        return await EvaluateAsync(rollout, workload, paces.Read(rollout, workload), cancellationToken);
    }

    private async Task<TrackedRollout> EvaluateAsync(Rollout rollout, WorkloadSnapshot workload, RolloutPace pace, CancellationToken cancellationToken)
    {
        var status = RolloutStatusRules.Evaluate(workload);
        return status.State switch
        {
            RolloutProgress.Done => await DoneAsync(rollout, workload, status.Explanation, cancellationToken),
            RolloutProgress.Failed => await EndAsync(rollout, RolloutState.Failed, await CauseAsync(rollout, workload, status.Explanation, otherwise: null, cancellationToken), verification: null, cancellationToken),
            _ when IsLate(workload, pace) => await EndAsync(rollout, RolloutState.TimedOut, await CauseAsync(rollout, workload, $"timed out after {Durations.Format(Limit(workload))} without progress", status.Explanation, cancellationToken), verification: null, cancellationToken),
            _ => await StillRunningAsync(rollout, status.Explanation, pace, cancellationToken),
        };
    }

    private async Task<TrackedRollout> DoneAsync(Rollout rollout, WorkloadSnapshot workload, string explanation, CancellationToken cancellationToken)
    {
        var verification = await pods.VerifyAsync(workload, rollout.Changes, cancellationToken);
        if (verification.Verification != RolloutVerification.Mismatch)
            return await EndAsync(rollout, RolloutState.Succeeded, explanation, verification, cancellationToken);

        var explained = verification with { Explanation = $"{verification.Explanation}: {verification.LikelyCause}" };
        return await EndAsync(rollout, RolloutState.Mismatch, explanation, explained, cancellationToken);
    }

    // Until Kubernetes has returned to the old template, its pods can't be distinguished from others. They may have pulled the new digest.
    private async Task<TrackedRollout> RevertedAsync(Rollout rollout, WorkloadSnapshot workload, RolloutPace pace, CancellationToken cancellationToken)
    {
        var what = RolloutReversal.Describe(rollout, workload);
        var status = RolloutStatusRules.Evaluate(workload);
        if (status.State == RolloutProgress.Running && !IsLate(workload, pace))
            return await StillRunningAsync(rollout, $"{what}; {status.Explanation}", pace, cancellationToken);

        var verification = await pods.VerifyAsync(workload, rollout.Changes, cancellationToken);
        return verification.Verification == RolloutVerification.Verified
            ? await EndAsync(rollout, RolloutState.Succeeded, $"{what}, but all pods run the new digest", verification, cancellationToken)
            : await EndAsync(rollout, RolloutState.Reverted, what, verification, cancellationToken);
    }

    private async Task<TrackedRollout> StillRunningAsync(Rollout rollout, string explanation, RolloutPace pace, CancellationToken cancellationToken)
    {
        await SaveAsync(rollout, pace, cancellationToken);
        return new TrackedRollout(rollout, RolloutState.Running, explanation);
    }

    private async Task SaveAsync(Rollout rollout, RolloutPace pace, CancellationToken cancellationToken)
    {
        if (pace.IsWorthSaving(rollout.Pace))
            await store.SavePaceAsync(rollout.Id, pace, cancellationToken);
    }

    private bool IsLate(WorkloadSnapshot workload, RolloutPace pace) => pace.WithoutProgress > Limit(workload);

    private TimeSpan Limit(WorkloadSnapshot workload) => RolloutDeadline.Of(workload, options.RolloutTimeout);

    // The status only counts pods: their errors are read once, when the rollout has failed.
    private async Task<string> CauseAsync(Rollout rollout, WorkloadSnapshot workload, string end, string? otherwise, CancellationToken cancellationToken)
    {
        var listed = await kubernetes.ListPodsAsync(rollout.Workload.Namespace, workload.PodSelector, cancellationToken);
        var cause = listed.Value is { } pods ? RolloutCause.Of(workload, pods) : null;
        return (cause ?? otherwise) is { } why ? $"{end}: {why}" : end;
    }

    private async Task<TrackedRollout> EndAsync(Rollout rollout, RolloutState state, string outcome, VerificationResult? verification, CancellationToken cancellationToken)
    {
        var end = new RolloutEnd(state, time.GetUtcNow(), outcome, verification?.Verification, verification?.Explanation, verification?.Mismatched);
        Forget(rollout.Id);
        if (!await store.FinishRolloutAsync(rollout.Id, end, AuditRecords.Ended(rollout, end), cancellationToken))
            return await AsRecordedAsync(rollout, cancellationToken);
        return new TrackedRollout(rollout with { State = state, EndedAt = end.At, Outcome = outcome, Verification = end.Verification, VerificationMessage = end.VerificationMessage }, state, outcome);
    }

    // It had ended before this was recorded, superseded by a restart that a cycle has sent in between: that is how it ended, and nothing has failed.
    private async Task<TrackedRollout> AsRecordedAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var recorded = (await store.RolloutsOfAsync(rollout.Uid, LookBack, cancellationToken)).FirstOrDefault(one => one.Id == rollout.Id);
        return recorded is null
            ? new TrackedRollout(rollout, RolloutState.Superseded, "superseded by another restart before the rollout ended")
            : new TrackedRollout(recorded, recorded.State, recorded.Outcome ?? "");
    }

    private void Forget(string rolloutId)
    {
        paces.Forget(rolloutId);
        confirmed.TryRemove(rolloutId, out _);
    }

    private static string OutsideTime(WorkloadSnapshot workload) => UntrustedText.Bound(workload.RestartedAt ?? "an unknown time", 40);
}
