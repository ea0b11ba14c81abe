using System.Text.Json;
using AngleSharp.Html.Parser;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

public sealed class AuditReportTests
{
    [Fact]
    public void Of_Week_CountsWhatIsInIt()
    {
        var report = AuditReport.Of(Samples.Week());

        Assert.Equal(
            new AuditReportSummary(
                Restarts: 7, Succeeded: 2, Failed: 1, TimedOut: 1, Running: 1, Superseded: 1, WorkloadGone: 0, NotApplied: 0,
                Verified: 1, Held: 1, Skipped: 1, FailingImages: 1, AuditRecords: 6, MostPerDay: 2, Mismatch: 1, Reverted: 0, Outdated: 1),
            report.Summary);
        Assert.Equal(["r-7", "r-6", "r-5", "r-4", "r-3", "r-2", "r-1"], report.Restarts.Select(restart => restart.Id));
        Assert.Equal([6L, 5, 4, 3, 2, 1], report.Trail.Select(record => record.Id));
        Assert.Equal(["photos", "agent"], report.Waiting.Select(wait => wait.Container));
        Assert.Equal(8, report.Days.Count);
        Assert.Equal(7, report.Days.Sum(day => day.Restarts));
    }

    [Fact]
    public void Of_FailingImage_KnowsWhatWaitsForItAndSinceWhen()
    {
        var image = Assert.Single(AuditReport.Of(Samples.Week()).FailingImages);

        Assert.Equal(["monitoring/daemonset/agent"], image.Workloads);
        Assert.Equal(Samples.Now.AddHours(-3), image.Since);
        Assert.Equal("rate-limited", image.Failure);
    }

    [Fact]
    public void Of_Namespace_LeavesOutTheOthers()
    {
        var report = AuditReport.Of(Samples.Week() with { Namespace = "shop" });

        Assert.NotEmpty(report.Restarts);
        Assert.NotEmpty(report.Trail);
        Assert.All(report.Restarts, restart => Assert.Equal("shop", restart.Namespace));
        Assert.All(report.Trail, record => Assert.Equal("shop", record.Namespace));
        Assert.Empty(report.Waiting);
        Assert.Empty(report.FailingImages);
    }

    /// <summary>Photos is held since it is paused; that its image can't be checked matters all the same.</summary>
    [Fact]
    public void Of_Namespace_HasTheFailingImagesThatItsWorkloadsUse()
    {
        var week = Samples.Week();
        var photos = week.FailingImages[0] with { Image = ImageReference.Parse("ghcr.io/photos/server:release").Value! };
        var both = week with { FailingImages = [week.FailingImages[0], photos] };

        Assert.Equal(2, AuditReport.Of(both).FailingImages.Count);
        var image = Assert.Single(AuditReport.Of(both with { Namespace = Samples.Photos.Namespace }).FailingImages);
        Assert.Equal(("ghcr.io/photos/server:release", 0), (image.Image, image.Workloads.Count));
        Assert.Empty(AuditReport.Of(both with { Namespace = "shop" }).FailingImages);
    }

    [Theory]
    [InlineData(-8.0, -7.5, false)]
    [InlineData(-8.0, -6.5, true)]
    [InlineData(-8.0, null, true)]
    [InlineData(-1.0, -0.5, true)]
    [InlineData(0.5, null, false)]
    public void Of_Rollout_CountsWhenPartOfItIsInThePeriod(double startedDay, double? endedDay, bool shown)
    {
        var state = endedDay is null ? RolloutState.Running : RolloutState.Succeeded;
        var rollout = Samples.Rollout("r", Samples.Web, Samples.Now.AddDays(startedDay), state, TimeSpan.FromDays((endedDay - startedDay) ?? 0), "web", "a", "b");
        if (endedDay is null)
            rollout = rollout with { EndedAt = null };

        Assert.Equal(shown, AuditReport.Of(Samples.Empty() with { Rollouts = [rollout] }).Restarts.Count == 1);
    }

    [Fact]
    public void Of_EmptyPeriod_SaysSoInAMessage()
    {
        var report = AuditReport.Of(Samples.Empty());

        Assert.Equal("Nothing was restarted in 7 d. No container is held or skipped.", report.Headline);
        Assert.Contains("Nothing was restarted in this period.", AuditReportRenderer.Html(report), StringComparison.Ordinal);
        Assert.Contains("Nothing was restarted in this period.", AuditReportRenderer.Markdown(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_HeldWorkloads_CountsThoseWithAnOlderDigestOnce()
    {
        var report = AuditReport.Of(Samples.Empty() with
        {
            Decisions = [Decision("web", "old", "new"), Decision("cache", "old", "new"), Decision("failed", "new", "new") with { Workload = Samples.Photos, Id = new("uid-photos", "failed") }],
        });

        Assert.Equal(1, report.Summary.Outdated);
        Assert.Equal("Nothing was restarted in 7 d. 3 containers wait: 3 held. 1 workload runs an older digest than its tag serves and is held or queued.", report.Headline);

        static LastDecision Decision(string container, string from, string to) => new(
            new ContainerId("uid-web", container), Samples.Web, "app:1", ContainerAction.Hold, DecisionReason.Paused, "paused", Samples.Digest(from), Samples.Digest(to), Samples.Now);
    }

    [Fact]
    public void Of_RestartThatNeverArrived_IsNoRestart()
    {
        var rollout = Samples.Rollout("r", Samples.Web, Samples.Now.AddHours(-1), RolloutState.NotApplied, TimeSpan.FromSeconds(1), "web", "a", "b");

        var report = AuditReport.Of(Samples.Empty() with { Rollouts = [rollout] });

        Assert.Equal("Nothing was restarted in 7 d. 1 restart not applied. No container is held or skipped.", report.Headline);
        Assert.Equal("not-applied", Assert.Single(report.Restarts).State);
    }

    [Fact]
    public void Render_ManyRestarts_ShowsSomeAndSaysHowManyMore()
    {
        var week = Samples.Week();
        var report = AuditReport.Of(week with
        {
            Rollouts = [.. Enumerable.Range(0, 5000).Select(i => week.Rollouts[1] with { Id = $"r-{i:D4}", StartedAt = Samples.Now.AddMinutes(-i) })],
            Decisions = [.. Enumerable.Range(0, 700).Select(i => week.Decisions[0] with { Id = new ContainerId("uid", $"c-{i:D4}") })],
            Audit = [.. Enumerable.Range(0, 9000).Select(i => week.Audit[0] with { Id = i })],
        });

        var page = new HtmlParser().ParseDocument(AuditReportRenderer.Html(report));
        var markdown = AuditReportRenderer.Markdown(report);

        Assert.Equal(500, page.QuerySelectorAll("#restarts tbody tr").Length);
        Assert.Equal(500, page.QuerySelectorAll("#waiting tbody tr").Length);
        Assert.Equal(1000, page.QuerySelectorAll("#trail tbody tr").Length);
        Assert.All([page.DocumentElement.TextContent, markdown], text =>
        {
            Assert.Contains("4,500 older restarts in this period are not shown here", text, StringComparison.Ordinal);
            Assert.Contains("200 more are not shown here", text, StringComparison.Ordinal);
            Assert.Contains("8,000 older records in this period are not shown here", text, StringComparison.Ordinal);
        });
        using var json = JsonDocument.Parse(AuditReportRenderer.Json(report));
        Assert.Equal(5000, json.RootElement.GetProperty("restarts").GetArrayLength());
    }

    [Fact]
    public void Html_FromManyThreads_IsTheSamePage()
    {
        var report = AuditReport.Of(Samples.Week());
        var pages = new string[16];

        Parallel.For(0, pages.Length, i => pages[i] = AuditReportRenderer.Html(report));

        Assert.Single(pages.Distinct());
    }

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void Json_HostileText_IsJsonWithTheTextBounded(string text)
    {
        using var json = JsonDocument.Parse(AuditReportRenderer.Json(Hostile.Report(text)));

        Assert.Equal(Hostile.AsShown(text), json.RootElement.GetProperty("cluster").GetString());
    }

    public static TheoryData<string> HostileTexts => Hostile.Texts;
}
