using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Tracking;
using ImageUpdater.Core.Workloads;
using ImageUpdater.UnitTests.Planning;

namespace ImageUpdater.UnitTests.Applying;

public sealed class RolloutPaceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Each word is one look a minute later: updated/available of 4 pods. The last column: minutes without progress.
    [Theory]
    [InlineData("a rolling update", "0/4 1/3 1/4 2/3 2/4 3/3 3/4 4/3 4/4", 0)]
    [InlineData("old pods that are available are no progress", "0/4 0/4 0/4", 3)]
    [InlineData("all at once, then one after the other", "4/0 4/1 4/2 4/3", 0)]
    [InlineData("a crash and a return", "4/2 4/3 4/2 4/3 4/1 4/3", 4)]
    [InlineData("one more than ever after crashes", "4/2 4/3 4/2 4/3 4/4", 0)]
    [InlineData("never ready", "1/3 1/3 1/3", 2)]
    public void Read_Looks_CountsTimeWithoutANewMaximum(string name, string looks, int minutes)
    {
        var pace = RolloutPace.StartingAt(Given.Now);
        foreach (var look in looks.Split(' '))
            pace = pace.Read(Workload(int.Parse(look[..1]), int.Parse(look[2..])), pace.At + Minute, TimeSpan.MaxValue);
        Assert.Equal((name, minutes), (name, (int)pace.WithoutProgress.TotalMinutes));
    }

    [Fact]
    public void Read_NotObservedYet_IsNoProgress()
    {
        var before = Workload(4, 4);
        var pace = RolloutPace.StartingAt(Given.Now).Read(before with { Status = before.Status with { Generation = 2 } }, Given.Now + Minute, TimeSpan.MaxValue);
        Assert.Equal(new(0, 0, Minute, Given.Now + Minute), pace);
    }

    [Fact]
    public void Read_LongGap_CountsAsMuchAsAllowed() => Assert.Equal(
        Minute, RolloutPace.StartingAt(Given.Now).Read(Workload(0, 4), Given.Now.AddHours(3), Minute).WithoutProgress);

    [Fact]
    public void Read_ClockWentBack_CountsNothing() => Assert.Equal(
        TimeSpan.Zero, RolloutPace.StartingAt(Given.Now).Read(Workload(0, 4), Given.Now.AddHours(-3), Minute).WithoutProgress);

    [Fact]
    public void Unread_TimeInBetween_DoesNotCount() => Assert.Equal(
        Minute,
        RolloutPace.StartingAt(Given.Now).Read(Workload(0, 4), Given.Now + Minute, TimeSpan.MaxValue).Unread(Given.Now.AddHours(2)).WithoutProgress);

    [Theory]
    [InlineData(WorkloadKind.StatefulSet, null, null, 15)]
    [InlineData(WorkloadKind.Deployment, null, null, 15)]
    [InlineData(WorkloadKind.Deployment, 600, null, 15)]
    [InlineData(WorkloadKind.Deployment, 1800, null, 31)]
    [InlineData(WorkloadKind.Deployment, 1800, "5m", 5)]
    [InlineData(WorkloadKind.DaemonSet, null, " 2h ", 120)]
    [InlineData(WorkloadKind.DaemonSet, null, "0", 15)]
    [InlineData(WorkloadKind.DaemonSet, null, "soon", 15)]
    public void Of_Workload_LimitIs(WorkloadKind kind, int? deadline, string? annotation, int minutes)
    {
        var workload = Given.Workload("web") with { Key = new("default", kind, "web"), ProgressDeadline = deadline is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
        Assert.Equal(TimeSpan.FromMinutes(minutes), RolloutDeadline.Of(workload.With(Annotations.RolloutTimeout, annotation), TimeSpan.FromMinutes(15)));
    }

    private static WorkloadSnapshot Workload(int updated, int available) => Given.Workload("web") with
    {
        Status = new() { Generation = 1, ObservedGeneration = 1, Desired = 4, Total = 4, Updated = updated, Ready = available, Available = available },
    };
}
