using ImageUpdater.Core.Auditing;
using ImageUpdater.Persistence;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class FinalizerRemovalTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    [Fact]
    public async Task Begin_OneThatIsOpen_KeepsItsBeginningAndTakesThePatch()
    {
        await using var store = await folder.OpenAsync();
        Assert.True(await store.Applying.BeginFinalizerRemovalAsync(Samples.FinalizerRemoval(patch: "first"), None));
        Assert.False(await store.Applying.BeginFinalizerRemovalAsync(Samples.FinalizerRemoval(patch: "second") with { Since = Samples.Noon.AddHours(1), Actor = "mona" }, None));
        Assert.True(await store.Applying.BeginFinalizerRemovalAsync(Samples.FinalizerRemoval("uid-other"), None));

        Assert.Equal(
            [Samples.FinalizerRemoval("uid-other"), Samples.FinalizerRemoval(patch: "second")],
            await store.Applying.OpenFinalizerRemovalsAsync(None));
    }

    [Fact]
    public async Task End_Twice_WritesOneRecord()
    {
        await using var store = await folder.OpenAsync();
        await store.Applying.BeginFinalizerRemovalAsync(Samples.FinalizerRemoval(), None);
        var record = Samples.Record("removed", action: AuditAction.FinalizerRemoved);
        Assert.True(await store.Applying.EndFinalizerRemovalAsync("uid-web", record, None));
        Assert.False(await store.Applying.EndFinalizerRemovalAsync("uid-web", record, None));

        Assert.Empty(await store.Applying.OpenFinalizerRemovalsAsync(None));
        Assert.Single(await store.Reporting.AuditAsync(new AuditFilter(), None));
    }

    [Fact]
    public async Task End_WithoutRecord_LeavesNothing()
    {
        await using var store = await folder.OpenAsync();
        await store.Applying.BeginFinalizerRemovalAsync(Samples.FinalizerRemoval(), None);
        Assert.True(await store.Applying.EndFinalizerRemovalAsync("uid-web", record: null, None));
        Assert.Empty(await store.Reporting.AuditAsync(new AuditFilter(), None));
    }

    public void Dispose() => folder.Dispose();
}
