using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>Kubernetes events of audit records.</summary>
public sealed class WorkloadEventsTests
{
    private readonly SteppedTime time = new();
    private readonly MetricRegistry metrics = new();
    private readonly LogLines<WorkloadEvents> log = new();
    private readonly List<string> sent = [];
    private readonly WorkloadEvents events;
    private Func<KubernetesFailure?> answer = () => null;
    private long number;

    public WorkloadEventsTests()
    {
        events = new WorkloadEvents(SendAsync, new Instruments(metrics), time, log);
    }

    [Theory]
    [InlineData(AuditAction.Restarted, null, "Restarted Normal")]
    [InlineData(AuditAction.RestartFailed, null, "RestartFailed Warning")]
    [InlineData(AuditAction.RolloutFailed, null, "RolloutFailed Warning")]
    [InlineData(AuditAction.Quarantined, null, "Quarantined Warning")]
    [InlineData(AuditAction.DecisionChanged, ContainerAction.Hold, "Held Normal")]
    [InlineData(AuditAction.DecisionChanged, ContainerAction.Skip, null)]
    [InlineData(AuditAction.DecisionChanged, ContainerAction.Restart, null)]
    [InlineData(AuditAction.DecisionChanged, null, null)]
    [InlineData(AuditAction.Adopted, null, null)]
    [InlineData(AuditAction.RolloutSucceeded, null, null)]
    public async Task Tell_RecordOfEachKind_IsTheEventOrNone(AuditAction action, ContainerAction? decided, string? expected)
    {
        // The explanation of a skipped container may contain "held"; only the decision counts.
        var record = Record("web", "web held: something", action) with { Decision = decided is { } now ? new(now, DecisionReason.MinAge) : null };

        Assert.True(await events.ProcessAsync(record, default));

        Assert.Equal(expected is null ? [] : [$"web {expected}"], sent);
    }

    [Fact]
    public async Task Tell_HeldForAFlap_IsAWarning()
    {
        Assert.True(await events.ProcessAsync(Record("web", "web held: it flaps", AuditAction.DecisionChanged) with { Decision = new(ContainerAction.Hold, DecisionReason.Flapping) }, default));
        Assert.Equal(["web Flapping Warning"], sent);
    }

    [Fact]
    public async Task Tell_EventThatIsRefused_IsPassedOverAndAWarningOnce()
    {
        answer = () => new KubernetesFailure(KubernetesFailureKind.Forbidden, "events are forbidden");
        Assert.True(await events.ProcessAsync(Record("web"), default));
        Assert.True(await events.ProcessAsync(Record("api"), default));
        answer = () => null;
        Assert.True(await events.ProcessAsync(Record("db"), default));

        Assert.Equal(["web Restarted Normal", "api Restarted Normal", "db Restarted Normal"], sent);
        Assert.Equal(["Warning 410", "Debug 410"], log.Written);
        await AssertCountedAsync(sent: 1, dropped: 0, failed: 2, tooOld: 0);
    }

    [Theory]
    [InlineData(KubernetesFailureKind.RateLimited)]
    [InlineData(KubernetesFailureKind.ServerError)]
    public async Task Tell_ServerIsOverloadedOrFails_IsSentOnceMore(object kind)
    {
        answer = () => new KubernetesFailure((KubernetesFailureKind)kind, "try again later");
        var (first, second) = (Record("web"), Record("api"));
        Assert.False(await events.ProcessAsync(first, default));
        Assert.True(await events.ProcessAsync(first, default));
        Assert.False(await events.ProcessAsync(second, default));
        answer = () => null;
        Assert.True(await events.ProcessAsync(second, default));

        Assert.Equal(["web Restarted Normal", "web Restarted Normal", "api Restarted Normal", "api Restarted Normal"], sent);
        await AssertCountedAsync(sent: 1, dropped: 0, failed: 1, tooOld: 0);
    }

    [Theory]
    [InlineData(KubernetesFailureKind.Unreachable)]
    [InlineData(KubernetesFailureKind.TimedOut)]
    [InlineData(KubernetesFailureKind.Unauthorized)]
    public async Task Tell_ApiCannotBeReached_WaitsAndIsSentOnce(object kind)
    {
        answer = () => new KubernetesFailure((KubernetesFailureKind)kind, "nobody there");
        var record = Record("web");
        for (var attempt = 0; attempt < 40; attempt++)
            Assert.False(await events.ProcessAsync(record, default));

        // More attempts than the limit of events per workload: a record counts once.
        answer = () => null;
        Assert.True(await events.ProcessAsync(record, default));

        Assert.Equal(41, sent.Count);
        Assert.Equal("Warning 411", log.Written[0]);
        Assert.All(log.Written.Skip(1), line => Assert.Equal("Debug 411", line));
        await AssertCountedAsync(sent: 1, dropped: 0, failed: 0, tooOld: 0);
    }

    [Fact]
    public async Task Tell_ApiCannotBeReachedForAnHour_IsPassedOver()
    {
        answer = () => new KubernetesFailure(KubernetesFailureKind.Unreachable, "nobody there");
        var record = Record("web");
        Assert.False(await events.ProcessAsync(record, default));
        time.Advance(TimeSpan.FromMinutes(60));
        Assert.False(await events.ProcessAsync(record, default));
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await events.ProcessAsync(record, default));

        Assert.Equal(2, sent.Count);
        await AssertCountedAsync(sent: 0, dropped: 0, failed: 0, tooOld: 1);
    }

    [Fact]
    public async Task Tell_RecordsOlderThanAnHour_ArePassedOverAndTakeNoRoom()
    {
        var old = Enumerable.Range(0, 30).Select(i => Record("web", $"note {i}")).ToList();
        time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromTicks(1));
        foreach (var record in old)
            Assert.True(await events.ProcessAsync(record, default));
        Assert.True(await events.ProcessAsync(Record("web", "old", AuditAction.Adopted) with { At = DateTimeOffset.UnixEpoch }, default));

        Assert.True(await events.ProcessAsync(Record("web"), default));

        Assert.Single(sent);
        await AssertCountedAsync(sent: 1, dropped: 0, failed: 0, tooOld: 30);
    }

    [Fact]
    public async Task Tell_RecordFromTheFuture_CountsAsNow()
    {
        Assert.True(await events.ProcessAsync(Record("web") with { At = time.GetUtcNow().AddDays(1) }, default));

        Assert.Single(sent);
    }

    [Fact]
    public async Task Tell_MoreThanAWorkloadMayHave_AreDropped()
    {
        for (var i = 0; i < 12; i++)
            Assert.True(await events.ProcessAsync(Record("web", $"note {i}"), default));

        Assert.Equal(10, sent.Count);
        await AssertCountedAsync(sent: 10, dropped: 2, failed: 0, tooOld: 0);
    }

    private AuditRecord Record(string workload, string message = "restarted", AuditAction action = AuditAction.Restarted) =>
        new(time.GetUtcNow(), action, new WorkloadKey("shop", WorkloadKind.Deployment, workload), $"uid-{workload}", "test", message, "web") { Id = ++number };

    private Task<KubernetesFailure?> SendAsync(WorkloadEvent told, CancellationToken cancellationToken)
    {
        sent.Add($"{told.Workload.Name} {told.Reason} {told.Type}");
        return Task.FromResult(answer());
    }

    private async Task AssertCountedAsync(int sent, int dropped, int failed, int tooOld)
    {
        await using var served = await ServedMetrics.StartAsync(metrics);
        Assert.Equal(
            [$"sent\"}} {sent}", $"dropped\"}} {dropped}", $"failed\"}} {failed}", $"too-old\"}} {tooOld}"],
            (await served.SamplesAsync()).Where(line => line.StartsWith("image_updater_events_total", StringComparison.Ordinal)).Select(line => line["image_updater_events_total{result=\"".Length..]));
    }
}

/// <summary>Level, event id and exception of each log line.</summary>
internal sealed class LogLines<T> : ILogger<T>
{
    private readonly Lock gate = new();
    private readonly List<string> told = [];

    public IReadOnlyList<string> Written
    {
        get
        {
            lock (gate)
                return [.. told];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (gate)
            told.Add(exception is null ? $"{logLevel} {eventId.Id}" : $"{logLevel} {eventId.Id} {exception.GetType().Name}: {exception.Message}");
    }
}
