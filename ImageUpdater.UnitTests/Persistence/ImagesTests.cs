using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class ImagesTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task RecordChecks_FirstAnswer_KeepsDigestAndObservation()
    {
        await using var store = await folder.OpenAsync();

        var recorded = await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], CancellationToken.None);

        var image = Samples.Image("nginx");
        var state = (await store.Observing.LoadImagesAsync(CancellationToken.None))[image];
        Assert.Equal(new ImageState(image, Samples.Digest("one"), Samples.Index, Samples.Noon, Samples.Noon, Failure: null, FailuresInARow: 0), state);
        Assert.Equal(state, Assert.Single(recorded.Images).Value);
        Assert.Equal([new Observation(image, Samples.Digest("one"), Samples.Index, Samples.Noon)], recorded.Observations);
        Assert.Equal(recorded.Observations, await store.Reporting.ObservationsOfAsync(image, CancellationToken.None));
    }

    [Fact]
    public async Task RecordChecks_SameDigest_AddsNoObservation()
    {
        await using var store = await folder.OpenAsync();
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], CancellationToken.None);

        var observed = (await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one", Samples.Noon.AddMinutes(5))], CancellationToken.None)).Observations;

        var state = Assert.Single(await store.Observing.LoadImagesAsync(CancellationToken.None)).Value;
        Assert.Empty(observed);
        Assert.Equal(Samples.Noon.AddMinutes(5), state.LastChecked);
        Assert.Equal(Samples.Noon, state.LastChanged);
    }

    [Fact]
    public async Task RecordChecks_ChangedInTheFuture_IsCorrectedOnce()
    {
        await using var store = await folder.OpenAsync();
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one", Samples.Noon.AddDays(300))], CancellationToken.None);
        foreach (var minute in new[] { 0, 5 })
            await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one", Samples.Noon.AddMinutes(minute))], CancellationToken.None);

        Assert.Equal(Samples.Noon, Assert.Single(await store.Observing.LoadImagesAsync(CancellationToken.None)).Value.LastChanged);
    }

    [Fact]
    public async Task RecordChecks_DigestGoesAndComesBack_KeepsEachStep()
    {
        await using var store = await folder.OpenAsync();
        foreach (var (content, minute) in new[] { ("one", 0), ("two", 1), ("one", 2) })
            await store.Observing.RecordChecksAsync([Samples.Served("nginx", content, Samples.Noon.AddMinutes(minute))], CancellationToken.None);

        var observations = await store.Reporting.ObservationsOfAsync(Samples.Image("nginx"), CancellationToken.None);

        Assert.Equal([Samples.Digest("one"), Samples.Digest("two"), Samples.Digest("one")], observations.Select(observation => observation.Digest));
        Assert.Equal([2, 1, 0], observations.Select(observation => (observation.From - Samples.Noon).Minutes));
    }

    [Fact]
    public async Task RecordChecks_Failures_KeepDigestAndCount()
    {
        await using var store = await folder.OpenAsync();
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one")], CancellationToken.None);
        var retryAt = Samples.Noon.AddHours(1).AddTicks(7);

        await store.Observing.RecordChecksAsync([Samples.Failed("nginx")], CancellationToken.None);
        await store.Observing.RecordChecksAsync([Samples.Failed("nginx", RegistryFailureKind.RateLimited, Samples.Noon.AddMinutes(1), retryAt)], CancellationToken.None);

        var state = Assert.Single(await store.Observing.LoadImagesAsync(CancellationToken.None)).Value;
        Assert.Equal(Samples.Digest("one"), state.Digest);
        Assert.Equal(new RegistryFailure(RegistryFailureKind.RateLimited, "the registry did not answer", retryAt), state.Failure);
        Assert.Equal(2, state.FailuresInARow);
        Assert.Equal(Samples.Noon.AddMinutes(1), state.LastChecked);
    }

    [Fact]
    public async Task RecordChecks_SuccessAfterFailures_ForgetsThem()
    {
        await using var store = await folder.OpenAsync();
        await store.Observing.RecordChecksAsync([Samples.Failed("nginx"), Samples.Failed("nginx"), Samples.Served("nginx", "one")], CancellationToken.None);

        var state = Assert.Single(await store.Observing.LoadImagesAsync(CancellationToken.None)).Value;

        Assert.Null(state.Failure);
        Assert.Equal(0, state.FailuresInARow);
    }

    [Fact]
    public async Task RecordChecks_PinnedReference_KeepsNothing()
    {
        await using var store = await folder.OpenAsync();

        await store.Observing.RecordChecksAsync([Samples.Served($"nginx:1@{Samples.Digest("one")}", "one"), Samples.Served($"nginx@{Samples.Digest("one")}", "one")], CancellationToken.None);

        Assert.Empty(await store.Observing.LoadImagesAsync(CancellationToken.None));
    }

    [Fact]
    public async Task RecordChecks_SameRepositoryElsewhere_AreDifferentImages()
    {
        await using var store = await folder.OpenAsync();
        string[] images = ["nginx:1", "nginx:2", "ghcr.io/library/nginx:1", "localhost:5000/library/nginx:1", "[::1]:5000/library/nginx:1"];

        await store.Observing.RecordChecksAsync([.. images.Select(image => Samples.Served(image, image))], CancellationToken.None);

        var states = await store.Observing.LoadImagesAsync(CancellationToken.None);
        Assert.Equal(images.Select(image => (Samples.Image(image), Samples.Digest(image))).Order(), states.Select(state => (state.Key.Image, state.Value.Digest!)).Order());
    }

    [Fact]
    public async Task RecordChecks_OfTwoNamespaces_AreTheirOwn()
    {
        await using var store = await folder.OpenAsync();

        await store.Observing.RecordChecksAsync([By("a", "one", 0), By("b", "two", 1), Samples.Failed("nginx")], CancellationToken.None);

        var states = await store.Observing.LoadImagesAsync(CancellationToken.None);
        Assert.Equal(Samples.Digest("one"), states.For(Samples.Image("nginx"), "a")!.Digest);
        Assert.Equal(Samples.Digest("two"), states.For(Samples.Image("nginx"), "b")!.Digest);
        Assert.Null(states.For(Samples.Image("nginx"), "c")!.Digest);
        Assert.Equal([Samples.Digest("two")], (await store.Reporting.ObservationsOfAsync(Of("b"), CancellationToken.None)).Select(observation => observation.Digest));
        Assert.Equal(new Reader("b"), (await store.Planning.ObservationsAsync([Of("b")], 5, CancellationToken.None)).Single().Value.Single().Reader);
        Assert.Empty(await store.Upkeep.CheckAsync(CancellationToken.None));
    }

    /// <summary>A tag that becomes private, and public again: neither is a new image.</summary>
    [Fact]
    public async Task RecordChecks_ReadByAnother_TakesOverWhatIsKnownOfTheSameDigest()
    {
        await using var store = await folder.OpenAsync();
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "old")], CancellationToken.None);
        await store.Observing.RecordChecksAsync([Samples.Served("nginx", "one", Samples.Noon.AddMinutes(1))], CancellationToken.None);

        await store.Observing.RecordChecksAsync([By("a", "one", 5)], CancellationToken.None);

        var own = (await store.Observing.LoadImagesAsync(CancellationToken.None))[Of("a")];
        Assert.Equal((Samples.Noon.AddMinutes(1), Samples.Noon.AddMinutes(5)), (own.LastChanged, own.LastChecked));
        Assert.Equal(
            [(Samples.Digest("one"), Samples.Noon.AddMinutes(1)), (Samples.Digest("old"), Samples.Noon)],
            (await store.Reporting.ObservationsOfAsync(Of("a"), CancellationToken.None)).Select(observation => (observation.Digest, observation.From)));

        await store.Observing.RecordChecksAsync([By("a", "two", 6), By("b", "three", 6)], CancellationToken.None);
        var recorded = await store.Observing.RecordChecksAsync([Samples.Served("nginx", "two", Samples.Noon.AddMinutes(9))], CancellationToken.None);

        Assert.Equal([Of("a"), Of("b")], recorded.Superseded.Order());
        var shared = Assert.Single(await store.Observing.LoadImagesAsync(CancellationToken.None)).Value;
        Assert.Equal((Reader.Shared, Samples.Noon.AddMinutes(6)), (shared.Reader, shared.LastChanged));
        Assert.Empty(await store.Upkeep.CheckAsync(CancellationToken.None));
    }

    [Fact]
    public async Task RecordReads_OfTwoNamespaces_AreTheirOwn()
    {
        await using var store = await folder.OpenAsync();
        var image = Samples.Image("nginx").AtDigest(Samples.Digest("one"));
        var failed = new ManifestRead(image, Samples.Noon, new RegistryFailure(RegistryFailureKind.NotFound, "answered 404")) { Reader = new Reader("a") };
        var read = new ManifestRead(image, Samples.Noon) { Reader = new Reader("b") };

        await store.Observing.RecordReadsAsync([failed, read], [], CancellationToken.None);

        Assert.Equal([failed, read], (await store.Observing.LoadReadsAsync([image], CancellationToken.None)).Values.OrderBy(found => found.Reader));
    }

    [Fact]
    public async Task Prune_NamespaceUsesTheImageNoLonger_ItsReadingGoesAndThatOfOthersStays()
    {
        await using var store = await folder.OpenAsync();
        var decision = Samples.Decision("web", ContainerAction.NoOp, DecisionReason.UpToDate);
        var image = ImageReference.Parse(decision.ImageText).Value!;
        var plan = Samples.Plan(Samples.Workload("web", "web", decision));
        await store.Planning.SaveDecisionsAsync(plan, Samples.Journal(plan), CancellationToken.None);
        var own = plan.Workloads[0].Key.Namespace;
        ImageCheck[] checks = [.. new[] { own, "another" }.Select(name => new ServedCheck(image, Samples.Noon, Samples.Digest("one"), Samples.Index) { Reader = new Reader(name) })];
        await store.Observing.RecordChecksAsync(checks, CancellationToken.None);

        await store.Upkeep.PruneAsync(Samples.Noon.AddDays(1), CancellationToken.None);

        Assert.Equal(new Reader(own), Assert.Single(await store.Observing.LoadImagesAsync(CancellationToken.None)).Key.Reader);
    }

    private static ObservedImage Of(string @namespace) => new(Samples.Image("nginx"), new Reader(@namespace));

    private static ImageCheck By(string @namespace, string content, int minute) =>
        Samples.Served("nginx", content, Samples.Noon.AddMinutes(minute)) with { Reader = new Reader(@namespace) };

    [Fact]
    public async Task RecordChecks_FiveHundredWithoutNews_AddsNoRows()
    {
        await using var store = await folder.OpenAsync();
        ImageCheck[] checks = [.. Enumerable.Range(0, 500).Select(number => Samples.Served($"registry.example/app{number}:latest", $"{number}"))];
        await store.Observing.RecordChecksAsync(checks, CancellationToken.None);
        var before = folder.RowCounts();

        var observed = (await store.Observing.RecordChecksAsync(checks, CancellationToken.None)).Observations;

        Assert.Empty(observed);
        Assert.Equal(500, before["observations"]);
        Assert.Equal(before, folder.RowCounts());
    }

    [Fact]
    public async Task SaveManifests_IndexAndSingle_ComeBackEqual()
    {
        await using var store = await folder.OpenAsync();
        var single = new Manifest(Samples.Digest("single"), "application/vnd.oci.image.manifest.v1+json", Samples.Digest("config"), Children: null);
        var index = new Manifest(
            Samples.Digest("index"), Samples.Index, Config: null,
            [new IndexEntry(single.Digest, new Platform("linux", "arm", "v7")), new IndexEntry(Samples.Digest("other"), Platform: null)]);

        await store.Observing.SaveManifestsAsync([single, index, single], CancellationToken.None);
        await store.Observing.SaveManifestsAsync([index], CancellationToken.None);

        var loaded = await store.Observing.LoadManifestsAsync([single.Digest, index.Digest, Samples.Digest("unknown")], CancellationToken.None);
        Assert.Equal(2, loaded.Count);
        Assert.Equal(single, loaded[single.Digest]);
        Assert.Equal(index.Children, loaded[index.Digest].Children);
    }

    // The media type is known from the check; the rest is read only if a decision depends on it.
    [Fact]
    public async Task SaveManifests_MoreIsKnown_IsAddedAndNothingIsTakenAway()
    {
        await using var store = await folder.OpenAsync();
        var seen = new Manifest(Samples.Digest("single"), "application/vnd.oci.image.manifest.v1+json", Config: null, Children: null);
        var read = seen with { Config = Samples.Digest("config"), Platform = new Platform("linux", "arm", "v7") };
        foreach (var known in new[] { seen, read, seen })
            await store.Observing.SaveManifestsAsync([known], CancellationToken.None);

        var loaded = (await store.Observing.LoadManifestsAsync([seen.Digest], CancellationToken.None))[seen.Digest];
        Assert.Equal(read, loaded);
        Assert.Equal((false, true), (seen.IsRead, loaded.IsRead));
    }

    [Fact]
    public async Task RecordReads_FailedThenRead_ComeBackByRepositoryAndDigest()
    {
        await using var store = await folder.OpenAsync();
        var here = Samples.Image("registry.example/app:1").AtDigest(Samples.Digest("one"));
        var there = Samples.Image("mirror.example/app:1").AtDigest(Samples.Digest("one"));
        var failed = new ManifestRead(here, Samples.Noon, new RegistryFailure(RegistryFailureKind.NotFound, "answered 404"), 2, Samples.Noon.AddMinutes(10));
        await store.Observing.RecordReadsAsync([failed], [], CancellationToken.None);
        Assert.Equal(failed, (await store.Observing.LoadReadsAsync([here, there], CancellationToken.None)).Values.Single());

        var read = new ManifestRead(here, Samples.Noon.AddHours(1));
        var manifest = new Manifest(Samples.Digest("one"), Samples.Index, Config: null, []);
        await store.Observing.RecordReadsAsync([read], [manifest], CancellationToken.None);

        Assert.Equal(read, (await store.Observing.LoadReadsAsync([here, there], CancellationToken.None)).Values.Single());
        Assert.True((await store.Observing.LoadManifestsAsync([manifest.Digest], CancellationToken.None))[manifest.Digest].IsRead);
    }
}
