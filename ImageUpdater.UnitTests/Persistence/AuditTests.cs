using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Persistence;

public sealed class AuditTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task AppendAudit_Many_KeepsTheirOrder()
    {
        await using var store = await folder.OpenAsync();
        string[] messages = [.. Enumerable.Range(0, 120).Select(number => $"message {number}")];

        await store.AppendAuditAsync([.. messages.Select(message => Samples.Record(message))], None);

        var records = await store.Reporting.AuditAsync(new() { Limit = 500 }, None);
        Assert.Equal(messages, records.Reverse().Select(record => record.Message));
        Assert.Equal(records.Select(record => record.Id).OrderDescending(), records.Select(record => record.Id));
    }

    [Fact]
    public async Task Audit_Pages_MeetEachRecordOnce()
    {
        await using var store = await folder.OpenAsync();
        await store.AppendAuditAsync([.. Enumerable.Range(0, 25).Select(number => Samples.Record($"{number}"))], None);

        var seen = new List<string>();
        long? before = null;
        while (await store.Reporting.AuditAsync(new() { Limit = 10, BeforeId = before }, None) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(record => record.Message));
            before = page[^1].Id;
        }

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(number => $"{number}"), seen);
    }

    [Fact]
    public async Task Audit_Filters_Restrict()
    {
        await using var store = await folder.OpenAsync();
        await store.AppendAuditAsync(
            [
                Samples.Record("web"),
                Samples.Record("set", workload: new WorkloadKey("shop", WorkloadKind.StatefulSet, "web")),
                Samples.Record("elsewhere", workload: Samples.Web with { Namespace = "other" }),
                Samples.Record("later", at: Samples.Noon.AddHours(1)),
            ],
            None);

        Assert.Equal(["later", "web"], await MessagesAsync(new() { Kind = Samples.Web.Kind, Name = Samples.Web.Name, Namespace = Samples.Web.Namespace }));
        Assert.Equal(["later", "set", "web"], await MessagesAsync(new() { Namespace = "shop" }));
        Assert.Equal(["later"], await MessagesAsync(new() { Since = Samples.Noon.AddMinutes(1) }));

        async Task<IEnumerable<string>> MessagesAsync(ImageUpdater.Persistence.AuditFilter filter) =>
            (await store.Reporting.AuditAsync(filter, None)).Select(record => record.Message);
    }
}
