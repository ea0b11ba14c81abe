using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.State;
using ImageUpdater.UnitTests.Persistence;

namespace ImageUpdater.UnitTests.State;

public sealed class RolloutChangesTests
{
    private static readonly DateTimeOffset Later = Samples.Noon.AddMinutes(1);
    private static readonly Rollout Intent = Samples.Rollout("r-1");

    [Theory]
    [InlineData(RolloutState.Intended)]
    [InlineData(RolloutState.NotApplied)]
    public void Patched_RolloutThatIsNotRecordedAsPatched_Runs(RolloutState state)
    {
        var record = Samples.Restarted(Intent);

        var change = RolloutChanges.Patched(Intent with { State = state, EndedAt = Later, Outcome = "it never arrived" }, "42", record, [], [], Later)!;

        Assert.Equal(Intent with { State = RolloutState.Running, ResourceVersionAfter = "42" }, Assert.Single(change.Rollouts));
        Assert.Equal([record], change.Audit);
    }

    [Theory]
    [InlineData(RolloutState.Running)]
    [InlineData(RolloutState.Succeeded)]
    [InlineData(RolloutState.Superseded)]
    public void Patched_RecordedBefore_ChangesNothing(RolloutState state) =>
        Assert.Null(RolloutChanges.Patched(Intent with { State = state }, "42", Samples.Restarted(Intent), [], [], Later));

    [Fact]
    public void Patched_WhileAnotherRuns_SupersedesItAndSaysWho()
    {
        var other = Samples.Rollout("r-0") with { State = RolloutState.Running };

        var change = RolloutChanges.Patched(Intent, "42", Samples.Restarted(Intent) with { Actor = "mona" }, [other], [], Later)!;

        Assert.Equal([("r-0", RolloutState.Superseded), ("r-1", RolloutState.Running)], change.Rollouts.Select(rollout => (rollout.Id, rollout.State)));
        Assert.Equal(Later, change.Rollouts[0].EndedAt);
        Assert.Equal([(AuditAction.RolloutEnded, "mona"), (AuditAction.Restarted, "mona")], change.Audit.Select(record => (record.Action, record.Actor)));
    }

    [Theory]
    [InlineData(DecisionReason.Mismatch, "web", "another", null, true)]
    [InlineData(DecisionReason.Reverted, "web", "another", null, true)]
    [InlineData(DecisionReason.Mismatch, "sidecar", "new", null, false)]
    [InlineData(DecisionReason.Quarantined, "web", "new", null, false)]
    [InlineData(DecisionReason.Quarantined, "web", "new", "mona", true)]
    [InlineData(DecisionReason.Quarantined, "web", "another", "mona", false)]
    public void Patched_WhatWasHeldForTheContainer_IsReleasedIfTheRestartReplacesIt(DecisionReason reason, string container, string content, string? retryBy, bool isReleased)
    {
        var held = Held(container, content) with { Reason = reason, RetryBy = retryBy };

        var change = RolloutChanges.Patched(Intent, "42", Samples.Restarted(Intent), [], [held], Later)!;

        Assert.Equal(isReleased ? [held] : [], change.Released);
    }

    [Fact]
    public void Finished_Failed_HoldsTheDigestWithARecordOfItsOwn()
    {
        var end = new RolloutEnd(RolloutState.Failed, Later, "it crashed");
        var record = AuditRecords.Ended(Intent, end);

        var change = RolloutChanges.Finished(Intent with { State = RolloutState.Running }, end, record)!;

        var ended = Assert.Single(change.Rollouts);
        Assert.Equal((RolloutState.Failed, Later, "it crashed"), (ended.State, ended.EndedAt, ended.Outcome));
        Assert.Equal(Samples.Digest("new"), Assert.Single(change.Held).Digest);
        Assert.Equal([AuditAction.RolloutFailed, AuditAction.Quarantined], change.Audit.Select(one => one.Action));
    }

    [Fact]
    public void Finished_Mismatch_HoldsTheContainersThatDoNotRunTheirDigestWithoutARecord()
    {
        var end = new RolloutEnd(RolloutState.Mismatch, Later, "rolled out", RolloutVerification.Mismatch, "pods run another", ["web"]);

        var change = RolloutChanges.Finished(Intent with { State = RolloutState.Running }, end, AuditRecords.Ended(Intent, end))!;

        Assert.Equal(DecisionReason.Mismatch, Assert.Single(change.Held).Reason);
        Assert.Equal([AuditAction.RolloutMismatch], change.Audit.Select(one => one.Action));
        Assert.Empty(RolloutChanges.Finished(Intent with { State = RolloutState.Running }, end with { Containers = [] }, AuditRecords.Ended(Intent, end))!.Held);
    }

    [Fact]
    public void EachEnd_OfARolloutInAnotherState_ChangesNothing()
    {
        var end = new RolloutEnd(RolloutState.Reverted, Later, "reverted");
        var record = AuditRecords.Ended(Intent, end);
        var (running, succeeded) = (Intent with { State = RolloutState.Running }, Intent with { State = RolloutState.Succeeded });

        Assert.Null(RolloutChanges.Finished(succeeded, end, record));
        Assert.Null(RolloutChanges.Reverted(running, end, record));
        Assert.NotNull(RolloutChanges.Reverted(succeeded, end, record));
        Assert.Null(RolloutChanges.NotApplied(running, "forbidden", record: null, Later));
        Assert.Empty(RolloutChanges.NotApplied(Intent, "forbidden", record: null, Later)!.Audit);
        Assert.Null(RolloutChanges.Paced(succeeded, RolloutPace.StartingAt(Later)));
        Assert.NotNull(RolloutChanges.Paced(running, RolloutPace.StartingAt(Later)));
    }

    [Theory]
    [InlineData(RolloutState.Intended)]
    [InlineData(RolloutState.Running)]
    [InlineData(RolloutState.NotApplied)]
    public void Finished_WithAStateThatIsNoEnd_IsABug(RolloutState state) => Assert.Throws<ArgumentOutOfRangeException>(
        () => RolloutChanges.Finished(Intent with { State = RolloutState.Running }, new RolloutEnd(state, Later, ""), Samples.Restarted(Intent)));

    private static QuarantinedDigest Held(string container, string content) => new(
        new ContainerId(Intent.Uid, container), Intent.Workload, Samples.Image("nginx"), Samples.Digest(content), Previous: null, "r-0", "then", Samples.Noon, "it crashed");
}
