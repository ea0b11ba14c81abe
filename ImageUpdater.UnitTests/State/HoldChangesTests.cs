using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.State;
using ImageUpdater.UnitTests.Persistence;

namespace ImageUpdater.UnitTests.State;

public sealed class HoldChangesTests
{
    private const string Uid = "uid-web";

    private static readonly QuarantinedDigest Failed = new(
        new ContainerId(Uid, "web"), Samples.Web, Samples.Image("nginx"), Samples.Digest("new"), Previous: null, "r-1", "then", Samples.Noon, "it crashed");

    private static readonly QuarantinedDigest Reverted = Failed with { RolloutId = "r-2", Reason = DecisionReason.Reverted };
    private static readonly Dictionary<ContainerId, Digest> RolledOut = new() { [Failed.Id] = Failed.Digest };

    [Fact]
    public void Release_EachReason_HasTheRecordOfItsKind()
    {
        var change = HoldChanges.Release([Failed, Reverted], "all pods run it", "mona", Samples.Noon);

        Assert.Equal([Failed, Reverted], change.Released);
        Assert.Equal([(AuditAction.QuarantineLifted, "mona"), (AuditAction.HoldReleased, "mona")], change.Audit.Select(record => (record.Action, record.Actor)));
        Assert.All(change.Audit, record => Assert.EndsWith(": all pods run it", record.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Retry_DigestThatWasRolledOutLast_StaysWithWhoAsked()
    {
        var change = HoldChanges.Retry([Failed], RolledOut, "mona", Samples.Noon);

        Assert.Equal([Failed with { RetryBy = "mona" }], change.Held);
        Assert.Empty(change.Released);
        Assert.Equal([AuditAction.RetryRequested], change.Audit.Select(record => record.Action));
    }

    [Theory]
    [InlineData("another")]
    [InlineData(null)]
    public void Retry_DigestThatIsNotTheLastRolledOut_IsReleased(string? last)
    {
        var baselines = last is null ? [] : new Dictionary<ContainerId, Digest> { [Failed.Id] = Samples.Digest(last) };

        var change = HoldChanges.Retry([Failed], baselines, "mona", Samples.Noon);

        Assert.Empty(change.Held);
        Assert.Equal([Failed], change.Released);
        Assert.Equal([AuditAction.QuarantineLifted], change.Audit.Select(record => record.Action));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Forget_RetriesWhatFailedAndReleasesTheRest(bool isKnown)
    {
        var change = HoldChanges.Forget(Samples.Web, Uid, [Failed, Reverted], RolledOut, isKnown, "mona", Samples.Noon);

        Assert.Equal([Failed with { RetryBy = "mona" }], change.Held);
        Assert.Equal([Reverted], change.Released);
        AuditAction[] expected = [AuditAction.RetryRequested, AuditAction.HoldReleased, .. isKnown ? [AuditAction.DecisionChanged] : Array.Empty<AuditAction>()];
        Assert.Equal(expected, change.Audit.Select(record => record.Action));
    }

    [Fact]
    public void Expire_WhatTheTagStillServes_StaysHeld()
    {
        var other = Failed with { Digest = Samples.Digest("old") };

        var change = HoldChanges.Expire([Failed, other], new HashSet<(ImageReference, Digest)> { (Failed.Image, Failed.Digest) }, Samples.Noon);

        Assert.Equal([other], change.Released);
        Assert.Equal("retention", Assert.Single(change.Audit).Actor);
    }
}
