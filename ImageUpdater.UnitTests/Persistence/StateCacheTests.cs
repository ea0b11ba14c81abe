using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>After every kind of write, the cached values must equal the content of the file.</summary>
public sealed class StateCacheTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Checks_OfEachKind_AreCachedAsTheyAreStored()
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
            var next = names.Where(_ => random.Next(2) == 0).ToDictionary(name => (ObservedImage)Samples.Image(name), _ => at.AddMinutes(random.Next(100)));

            await store.Observing.RecordChecksAsync(checks, next, None);

            Assert.Equal(InOrder(await beside.Observing.LoadImagesAsync(None)), InOrder(await store.Observing.LoadImagesAsync(None)));
        }

        Assert.Empty(await store.Upkeep.CheckAsync(None));
    }

    [Fact]
    public async Task EachValue_AfterEachWrite_IsCachedAsItIsStored()
    {
        await using var store = await folder.OpenAsync();
        await using var beside = await folder.OpenAsync(StateStoreAccess.ReadOnly);
        var restarted = Samples.Plan(
            Samples.Workload("uid-web", "web", Samples.Decision("web", ContainerAction.NoOp, DecisionReason.FirstSeen, to: "one", adopt: Samples.Baseline("uid-web", "web", "one"))),
            Samples.Workload("uid-b", "b", Samples.Decision("web", ContainerAction.Hold, DecisionReason.Paused)));
        var decided = Samples.Plan(Samples.Workload("uid-web", "web", Samples.Decision("web", ContainerAction.Skip, DecisionReason.NotObserved)));
        var removal = Samples.FinalizerRemoval();
        (string What, Func<Task> Write)[] writes =
        [
            ("plan", () => store.Planning.SavePlanAsync("plan-1", restarted, "mona", Samples.Journal(restarted), None)),
            ("pace of a workload", () => store.Planning.SavePacesAsync(new Dictionary<string, RolloutPace?> { ["uid-b"] = RolloutPace.StartingAt(Samples.Noon) }, None)),
            ("decisions", async () => await store.Planning.SaveDecisionsAsync(decided, Samples.Journal(decided, await store.Planning.LoadDecisionsAsync(None)), None)),
            ("intent", () => store.Applying.BeginRolloutAsync(Samples.Rollout("r-1"), None)),
            ("patch that did not arrive", () => store.Applying.MarkNotAppliedAsync("r-1", "it never arrived", record: null, None)),
            ("patch that did", () => store.Applying.MarkPatchedAsync("r-1", "42", Samples.Restarted(Samples.Rollout("r-1")), None)),
            ("pace of a rollout", () => store.Applying.SavePaceAsync("r-1", RolloutPace.StartingAt(Samples.Noon), None)),
            ("failure", () => store.Applying.FinishRolloutAsync("r-1", new RolloutEnd(RolloutState.Failed, Samples.Noon, "no"), Samples.Record("no", rollout: "r-1"), None)),
            ("retry", () => store.Planning.RetryAsync(Samples.Web, "mona", None)),
            ("released", () => store.Planning.LiftQuarantineAsync("r-1", "all pods run it", "mona", None)),
            ("next intent", () => store.Applying.BeginRolloutAsync(Samples.Rollout("r-2", at: Samples.Noon.AddHours(1)), None)),
            ("discarded", () => store.Applying.DiscardIntentAsync("r-2", None)),
            ("third intent", () => store.Applying.BeginRolloutAsync(Samples.Rollout("r-3", at: Samples.Noon.AddHours(2)), None)),
            ("third patch", () => store.Applying.MarkPatchedAsync("r-3", "43", Samples.Restarted(Samples.Rollout("r-3")), None)),
            ("success", () => store.Applying.FinishRolloutAsync("r-3", new RolloutEnd(RolloutState.Succeeded, Samples.Noon.AddHours(2), "yes"), Samples.Record("yes", rollout: "r-3"), None)),
            ("reverted", () => store.Applying.MarkRevertedAsync("r-3", new RolloutEnd(RolloutState.Reverted, Samples.Noon.AddHours(3), "back"), Samples.Record("back", rollout: "r-3"), None)),
            ("finalizer", () => store.Applying.BeginFinalizerRemovalAsync(removal, None)),
            ("no finalizer", () => store.Applying.EndFinalizerRemovalAsync(removal.Uid, record: null, None)),
            ("forgotten", () => store.Planning.ForgetAsync(Samples.Web, "mona", None)),
            ("pruned", () => store.Upkeep.PruneAsync(Samples.Noon.AddDays(9), None)),
        ];

        var last = await ValuesAsync(store);
        foreach (var (what, write) in writes)
        {
            await write();
            var values = await ValuesAsync(store);
            Assert.Equal((what, await ValuesAsync(beside)), (what, values));
            Assert.True(values != last, $"'{what}' changes nothing that is cached");
            last = values;
        }

        static async Task<string> ValuesAsync(StateStore store)
        {
            var state = await store.Planning.LoadAsync(None);
            string Text<T>(IEnumerable<T> values) => string.Join("; ", values.Select(value => $"{value}").Order(StringComparer.Ordinal));
            return string.Join(
                "\n", Text(state.Baselines), Text(state.Decisions), Text(state.Quarantine), Text(state.PullPoliciesSet), Text(state.OpenRollouts), Text(state.Paces),
                Text(await store.Applying.OpenRolloutsAsync(None)), Text(await store.Applying.LastSucceededAsync(None)), Text(await store.Applying.LastNotAppliedAsync(None)),
                Text(await store.Applying.OpenFinalizerRemovalsAsync(None)), Text(await store.Reporting.LoadImagesAsync(None)))
                // Lists within a value have no text of their own.
                .Replace("System.Collections.Generic.List`1", "[]", StringComparison.Ordinal);
        }
    }

    /// <summary>Rows that are changed without the change tracker are cached on, unless the write says so.</summary>
    [Fact]
    public void ChangesWithoutTheTracker_AreOfRetentionAndTheCounterAlone()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "ImageUpdater.Persistence"), "*.cs", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path) is var text && (text.Contains(".ExecuteDeleteAsync(", StringComparison.Ordinal) || text.Contains(".ExecuteUpdateAsync(", StringComparison.Ordinal)))
            .Select(path => Path.GetFileName(path));

        Assert.Equal(["AuditNumbers.cs", "Retention.cs"], files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Write_Refused_IsNotCached()
    {
        await using var store = await folder.OpenAsync();
        await store.Observing.RecordChecksAsync([Samples.Served("a:1", "one")], None);
        var before = await store.Observing.LoadImagesAsync(None);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Observing.RecordChecksAsync([Samples.Served("a:1", "two")], cancelled.Token));

        Assert.Equal(InOrder(before), InOrder(await store.Observing.LoadImagesAsync(None)));
    }

    private static IEnumerable<ImageState> InOrder(IReadOnlyDictionary<ObservedImage, ImageState> states) => states.Values.OrderBy(state => state.Image);
}
