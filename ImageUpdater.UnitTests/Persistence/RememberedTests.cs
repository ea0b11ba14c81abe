using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>After every kind of write, the cached values must equal the content of the file.</summary>
public sealed class RememberedTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Checks_OfEachKind_AreRememberedAsTheyAreStored()
    {
        await using var store = await folder.OpenAsync();
        await using var beside = await folder.OpenAsync(StateStoreAccess.ReadOnly);
        var random = new Random(3);
        string[] names = ["a:1", "a:2", "b:1", "r.example/b:1", "c:1"];
        for (var round = 0; round < 200; round++)
        {
            var at = Samples.Noon.AddMinutes(round);
            var checks = names.Where(_ => random.Next(3) > 0).Select(name => random.Next(5) switch
            {
                0 => (ImageCheck)Samples.Failed(name, at: at, retryAt: random.Next(2) == 0 ? at.AddHours(1) : null),
                1 => Samples.Served(name, $"{round}", at),
                _ => Samples.Served(name, "usual", at),
            }).ToList();
            var next = names.Where(_ => random.Next(2) == 0).ToDictionary(Samples.Image, _ => at.AddMinutes(random.Next(100)));

            await store.Observing.RecordChecksAsync(checks, next, None);

            Assert.Equal(InOrder(await beside.Observing.LoadImagesAsync(None)), InOrder(await store.Observing.LoadImagesAsync(None)));
        }

        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task Books_AfterEachWrite_AreRememberedAsTheyAreStored()
    {
        await using var store = await folder.OpenAsync();
        await using var beside = await folder.OpenAsync(StateStoreAccess.ReadOnly);
        await SameAsync();

        var plan = Samples.Plan(Samples.Workload("uid-web", "web", Samples.Decision(
            "web", ContainerAction.NoOp, DecisionReason.FirstSeen, to: "one", adopt: Samples.Baseline("uid-web", "web", "one"))));
        await store.Planning.SavePlanAsync("plan-1", plan, "mona", Samples.Journal(plan), None);
        Assert.Single(await SameAsync());

        var rollout = Samples.Rollout("r-1");
        await store.Applying.BeginRolloutAsync(rollout, None);
        await store.Applying.MarkPatchedAsync("r-1", "42", Samples.Restarted(rollout), None);
        Assert.Equal(2, (await SameAsync()).Count);

        Assert.Equal(2, await store.Planning.ForgetAsync(Samples.Web, "mona", None));
        Assert.Empty(await SameAsync());

        async Task<IReadOnlyDictionary<ContainerId, Baseline>> SameAsync()
        {
            var baselines = await store.Planning.LoadBaselinesAsync(None);
            Assert.Equal(await beside.Planning.LoadBaselinesAsync(None), baselines);
            Assert.Equal(await beside.Planning.LoadDecisionsAsync(None), await store.Planning.LoadDecisionsAsync(None));
            return baselines;
        }
    }

    [Fact]
    public async Task Write_Refused_IsForgotten()
    {
        await using var store = await folder.OpenAsync();
        await store.Observing.RecordChecksAsync([Samples.Served("a:1", "one")], None);
        var before = await store.Observing.LoadImagesAsync(None);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Observing.RecordChecksAsync([Samples.Served("a:1", "two")], cancelled.Token));

        Assert.Equal(InOrder(before), InOrder(await store.Observing.LoadImagesAsync(None)));
    }

    private static IEnumerable<ImageState> InOrder(IReadOnlyDictionary<ImageReference, ImageState> states) => states.Values.OrderBy(state => state.Image);
}
