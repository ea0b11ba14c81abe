using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;
using ImageUpdater.Persistence;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>The sender of events goes on whatever happens to one of them.</summary>
public sealed class WorkloadEventsTests
{
    private readonly MetricRegistry metrics = new();
    private readonly LogLines<WorkloadEvents> log = new();
    private readonly List<string> sent = [];

    [Fact]
    public async Task Tell_AnEventThatCannotBeSent_IsLoggedAndCountedAndTheNextOnesAreSent()
    {
        await TellAsync("poison", "web", "poison", "poison", "api");

        Assert.Equal(["web", "api"], sent);
        // The same again is for who asks for debug messages.
        Assert.Equal(
            ["Error 411 InvalidOperationException: poison", "Debug 411 InvalidOperationException: poison", "Debug 411 InvalidOperationException: poison"], log.Told);
        await AssertCountedAsync(
            "image_updater_background_failures_total{loop=\"events\"} 3", "image_updater_events_total{result=\"failed\"} 3", "image_updater_events_total{result=\"sent\"} 2");
    }

    [Fact]
    public async Task Tell_AnEventThatIsRefused_IsAWarningAndNoBug()
    {
        await TellAsync("refused", "web");

        Assert.Equal(["web"], sent);
        Assert.Equal(["Warning 410"], log.Told);
        await AssertCountedAsync(
            "image_updater_background_failures_total{loop=\"events\"} 0", "image_updater_events_total{result=\"failed\"} 1", "image_updater_events_total{result=\"sent\"} 1");
    }

    private async Task TellAsync(params string[] workloads)
    {
        using var instruments = new Instruments(metrics);
        await using var events = new WorkloadEvents(SendAsync, instruments, TimeProvider.System, log);
        foreach (var (at, name) in workloads.Index())
        {
            var record = new AuditRecord(DateTimeOffset.UnixEpoch, AuditAction.Restarted, new WorkloadKey("shop", WorkloadKind.Deployment, name), $"{name}-{at}", "test", "restarted");
            events.Tell(record, new StoreNews([record], [], []));
        }
    }

    private Task<KubernetesFailure?> SendAsync(WorkloadEvent told, CancellationToken ct)
    {
        switch (told.Workload.Name)
        {
            case "poison":
                throw new InvalidOperationException("poison");
            case "refused":
                return Task.FromResult<KubernetesFailure?>(new KubernetesFailure(KubernetesFailureKind.Forbidden, "events are forbidden"));
            default:
                sent.Add(told.Workload.Name);
                return Task.FromResult<KubernetesFailure?>(null);
        }
    }

    private async Task AssertCountedAsync(params string[] samples)
    {
        await using var served = await ServedMetrics.StartAsync(metrics);
        Assert.Subset((await served.SamplesAsync()).ToHashSet(StringComparer.Ordinal), samples.ToHashSet(StringComparer.Ordinal));
    }
}

/// <summary>Level, number and exception of each line.</summary>
internal sealed class LogLines<T> : ILogger<T>
{
    public List<string> Told { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Told.Add(exception is null ? $"{logLevel} {eventId.Id}" : $"{logLevel} {eventId.Id} {exception.GetType().Name}: {exception.Message}");
}
