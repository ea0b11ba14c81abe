using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class ConcurrencyTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ReadersAndWriters_Together_NeverSeeHalfATransaction()
    {
        const int Rounds = 40;
        string[] images = ["a:1", "b:1", "c:1"];
        await using var store = await folder.OpenAsync();
        await using var beside = await folder.OpenAsync(StateStoreAccess.ReadOnly);
        await store.Observing.RecordChecksAsync(Round(0), None);
        using var done = new CancellationTokenSource();

        var readers = new[] { store, store, beside }.Select(reader => Task.Run(async () =>
        {
            do
            {
                var states = await reader.Observing.LoadImagesAsync(None);
                Assert.Single(states.Values.Select(state => state.LastChecked).Distinct());
            }
            while (!done.IsCancellationRequested);
        })).ToList();
        await Task.WhenAll(
            Task.Run(async () =>
            {
                for (var round = 1; round <= Rounds; round++)
                    await store.Observing.RecordChecksAsync(Round(round), None);
            }),
            Task.Run(async () =>
            {
                for (var round = 1; round <= Rounds; round++)
                    await store.AppendAuditAsync([Samples.Record($"{round}"), Samples.Record($"{round}")], None);
            }));
        await done.CancelAsync();
        await Task.WhenAll(readers);

        Assert.Equal(2 * Rounds, folder.RowCounts()["audit"]);
        Assert.Equal(Rounds + 1, (await store.Reporting.ObservationsOfAsync(Samples.Image("a:1"), None)).Count);
        Assert.Empty(await store.Upkeep.CheckAsync(None));

        ImageCheck[] Round(int round) => [.. images.Select(image => Samples.Served(image, $"{image} {round}", Samples.Noon.AddMinutes(round)))];
    }

    [Fact]
    public async Task Write_Cancelled_StoresNothingAndGoesOn()
    {
        await using var store = await folder.OpenAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.AppendAuditAsync([Samples.Record("never")], cancelled.Token));
        await store.AppendAuditAsync([Samples.Record("stored")], None);

        Assert.Equal(["stored"], (await store.Reporting.AuditAsync(new(), None)).Select(record => record.Message));
    }
}
