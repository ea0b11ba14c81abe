using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>When images are checked: at their intervals, together with other images of a workload, and not during a registry's backoff.</summary>
public sealed class ScheduledChecksTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(300);

    [Fact]
    public async Task Observe_Due_AsksOnlyForThoseWhoseTimeHasCome()
    {
        await using var under = await ObserverUnderTest.StartAsync();
        under.Add("one", "a");
        under.Add("two", "b");
        var (first, asked) = await under.ObserveAsync(Refresh.Due);
        Assert.Equal(["a", "b"], asked);
        var early = first.Outlook.MinBy(image => image.NextCheck)!.Image;
        var late = first.Outlook.MaxBy(image => image.NextCheck)!;

        under.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await under.ObserveAsync(Refresh.Due)).Asked);

        // An image is due up to half a tick early, because the next tick would be further from its time.
        await under.AdvanceToAsync(early.Repository, before: TimeSpan.FromSeconds(14));
        var (seen, second) = await under.ObserveAsync(Refresh.Due);
        Assert.Contains(early.Repository, second);
        Assert.Equal(2, seen.Checks.Count);
        Assert.True(second.Count == 2 || seen.Checks[late.Image].At == late.LastChecked);

        // After an interval and its jitter all images have been checked, whatever the random numbers were.
        under.Clock.Advance(Interval * 1.1);
        Assert.Equal(["a", "b"], (await under.ObserveAsync(Refresh.Due)).Asked);
    }

    /// <summary>On the test's clock, waiting takes no time: a registry that does not answer at once is late.</summary>
    [Fact]
    public async Task Observe_RegistryIsLate_GoesOnWithoutItAndUsesItsAnswersLater()
    {
        await using var under = await ObserverUnderTest.StartAsync(patience: TimeSpan.FromSeconds(5));
        under.Add("one", "a", "b");
        using (under.Registry.Faults.Add(new RegistryFault { Delay = TimeSpan.FromSeconds(1) }))
        {
            var (seen, _) = await under.ObserveAsync(Refresh.Due);

            Assert.Empty(seen.Checks);
            Assert.Equal(
                $"registry {under.Registry.Address} has not answered for some images; restarts for them wait until it does, and images of other registries are not affected. To see its answer, run image-updater resolve IMAGE",
                Assert.Single(seen.Warnings));
            Assert.Equal([under.Registry.Address], under.Late.Names);
            Assert.All(seen.Outlook, image => Assert.Null(image.NextCheck));
        }

        var later = new Dictionary<ObservedImage, ImageCheck>();
        var asked = 0;
        await Eventually.HoldsAsync("both came", async () =>
        {
            var (seen, requests) = await under.ObserveAsync(Refresh.Due);
            foreach (var (image, check) in seen.Checks)
                later[image] = check;
            asked += requests.Count;
            return later.Count == 2;
        });

        Assert.All(later.Values, check => Assert.IsType<ServedCheck>(check));
        Assert.NotNull((await under.StateAsync("a")).NextCheck);
        Assert.InRange(asked, 0, 2);
        Assert.Empty((await under.ObserveAsync(Refresh.Due)).Seen.Warnings);
        Assert.Empty(under.Late.Names);
    }

    [Fact]
    public async Task Observe_NewWorkload_IsCheckedAtOnce()
    {
        await using var under = await ObserverUnderTest.StartAsync();
        under.Add("one", "a");
        await under.ObserveAsync(Refresh.Due);

        under.Add("two", "b");

        Assert.Equal(["b"], (await under.ObserveAsync(Refresh.Due)).Asked);
    }

    [Fact]
    public async Task Observe_OneImageOfAWorkloadChanged_ChecksTheOthersBeforePlanning()
    {
        await using var under = await ObserverUnderTest.StartAsync();
        under.Add("one", "a", "b");
        under.Add("two", "b", "c");
        under.Add("three", "d");
        await under.ObserveAsync(Refresh.All);
        foreach (var name in new[] { "a", "b", "c" })
            under.Registry.PushImage(name, "latest", "second");
        var next = new Dictionary<ObservedImage, DateTimeOffset>
        {
            [under.Image("a")] = under.Clock.GetUtcNow(),
            [under.Image("b")] = under.Clock.GetUtcNow() + Interval,
            [under.Image("c")] = under.Clock.GetUtcNow() + Interval,
            [under.Image("d")] = under.Clock.GetUtcNow() + Interval,
        };
        await under.Store.Observing.RecordChecksAsync([], next, CancellationToken.None);

        var (seen, asked) = await under.ObserveAsync(Refresh.Due);

        // "c" too, because "b" of the same workload was found to have changed.
        Assert.Equal(["a", "b", "c"], asked);
        Assert.All(["a", "b", "c"], name => Assert.Equal(seen.ServedSince[under.Image(name)], ((ServedCheck)seen.Checks[under.Image(name)]).At));
    }

    [Fact]
    public async Task Observe_Fails_BacksOffAndIsBackAtOnce()
    {
        await using var under = await ObserverUnderTest.StartAsync();
        under.Add("one", "a");
        under.Add("two", "b");
        await under.ObserveAsync(Refresh.All);
        using (under.Registry.Faults.Add(new RegistryFault { Repository = "a", Status = 404 }))
        {
            var waits = new List<double>();
            for (var i = 0; i < 6; i++)
            {
                await under.AdvanceToAsync("a");
                Assert.Contains("a", (await under.ObserveAsync(Refresh.Due)).Asked);
                var failing = await under.StateAsync("a");
                Assert.Equal(i + 1, failing.FailuresInARow);
                waits.Add((failing.NextCheck!.Value - failing.LastChecked!.Value).TotalSeconds);
            }

            Assert.Equal(waits.Take(4).Order(), waits.Take(4));
            Assert.InRange(waits[0], 300, 330);
            Assert.InRange(waits[^1], 2880, 3600);
            Assert.InRange(((await under.StateAsync("b")).NextCheck!.Value - under.Clock.GetUtcNow()).TotalSeconds, double.MinValue, 330);
        }

        await under.AdvanceToAsync("a");
        await under.ObserveAsync(Refresh.Due);
        var well = await under.StateAsync("a");
        Assert.Equal((null, 0), (well.Failure, well.FailuresInARow));
        Assert.InRange((well.NextCheck!.Value - under.Clock.GetUtcNow()).TotalSeconds, 29, 331);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Observe_RegistryAskedToBeLeftAlone_IsByTheNextProcessToo(bool all)
    {
        await using var under = await ObserverUnderTest.StartAsync();
        under.Add("one", "a");
        using (under.Registry.Faults.Add(new RegistryFault { Status = 429, RetryAfter = "1800" }))
            await under.ObserveAsync(Refresh.All);
        var until = (await under.StateAsync("a")).Failure!.RetryAt!.Value;
        Assert.True((await under.StateAsync("a")).NextCheck >= until);

        // "b" was never requested: the backoff is the registry's, not the image's.
        under.Add("two", "b");
        under.StartAgain();
        under.Clock.Advance(TimeSpan.FromMinutes(29));
        var (seen, asked) = await under.ObserveAsync(all ? Refresh.All : Refresh.Due);

        Assert.Empty(asked);
        Assert.Equal(until, under.Status!.BackingOffUntil);
        var left = Assert.IsType<FailedCheck>(seen.Checks[under.Image("b")]).Failure;
        Assert.Equal((RegistryFailureKind.RateLimited, until), (left.Kind, left.RetryAt));
        Assert.Contains("backing off until", left.Message);
        Assert.Null((await under.StateAsync("b")).LastChecked);
        Assert.Equal(1, (await under.StateAsync("a")).FailuresInARow);

        under.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["a", "b"], (await under.ObserveAsync(Refresh.All)).Asked);
        Assert.Null((await under.StateAsync("b")).Failure);
    }

    [Fact]
    public async Task Observe_BudgetIsLow_SlowsDownUntilItIsThereAgain()
    {
        await using var under = await ObserverUnderTest.StartAsync();
        under.Add("one", "a");
        under.Add("two", "b");
        await under.ObserveAsync(Refresh.All);
        using (under.Registry.Faults.Add(Limit(remaining: 4)))
        {
            await under.AdvanceToAsync("a");
            await under.ObserveAsync(Refresh.All);

            // Two images, four requests, six hours: three hours for each.
            var next = (await under.StateAsync("a")).NextCheck!.Value - under.Clock.GetUtcNow();
            Assert.InRange(next.TotalHours, 2.99, 6.01);
            under.Clock.Advance(TimeSpan.FromHours(2));
            Assert.Empty((await under.ObserveAsync(Refresh.Due)).Asked);
        }

        under.Registry.Faults.Add(Limit(remaining: 90));
        await under.ObserveAsync(Refresh.All);
        Assert.InRange(((await under.StateAsync("b")).NextCheck!.Value - under.Clock.GetUtcNow()).TotalSeconds, 0, 331);

        static RegistryFault Limit(int remaining) => new()
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["ratelimit-limit"] = "100;w=21600", ["ratelimit-remaining"] = $"{remaining};w=21600" },
        };
    }

    [Fact]
    public async Task Observe_RegistryHasItsOwnInterval_IsAskedByIt()
    {
        await using var under = await ObserverUnderTest.StartAsync(ownInterval: TimeSpan.FromHours(2));
        under.Add("one", "a");
        await under.ObserveAsync(Refresh.Due);
        await under.AdvanceToAsync("a");
        await under.ObserveAsync(Refresh.Due);

        var next = (await under.StateAsync("a")).NextCheck!.Value - under.Clock.GetUtcNow();

        Assert.InRange(next.TotalMinutes, 107, 133);
    }

    [Fact]
    public async Task Observe_None_TakesEverythingFromTheStore()
    {
        await using var under = await ObserverUnderTest.StartAsync();
        under.Add("one", "a");
        var (before, _) = await under.ObserveAsync(Refresh.All);
        under.Registry.PushImage("a", "latest", "second");
        under.Add("two", "b");
        under.Clock.Advance(TimeSpan.FromHours(1));

        var (seen, asked) = await under.ObserveAsync(Refresh.None);

        Assert.Empty(asked);
        Assert.Equal(before.Checks[under.Image("a")], Assert.Single(seen.Checks).Value);
        Assert.Equal([under.Image("a"), under.Image("b")], seen.Outlook.Select(image => image.Image));
        Assert.Null(seen.Outlook[1].NextCheck);
    }

    [Fact]
    public async Task Observe_ManyCyclesWithoutNews_AddNoRow()
    {
        await using var under = await ObserverUnderTest.StartAsync();
        for (var i = 0; i < 20; i++)
            under.Add($"w{i}", $"app-{i}");
        await under.ObserveAsync(Refresh.All);
        var before = StoreRows.Of(under.Store.Path);
        var asked = new List<int>();
        for (var tick = 0; tick < 40; tick++)
        {
            under.Clock.Advance(TimeSpan.FromSeconds(30));
            asked.Add((await under.ObserveAsync(Refresh.Due)).Asked.Count);
        }

        // Four intervals, so four checks of each, spread out although the first ones were a burst.
        Assert.Equal(before, StoreRows.Of(under.Store.Path));
        Assert.InRange(asked.Sum(), 70, 100);
        Assert.True(asked.Max() < 12, string.Join(' ', asked));
    }
}
