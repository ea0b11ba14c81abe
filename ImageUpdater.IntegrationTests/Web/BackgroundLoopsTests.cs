using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Observing;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Host.Web;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>A bug in a background job is logged, and is in readiness and a metric until a run succeeds.</summary>
public sealed class BackgroundLoopsTests
{
    private const string Counted = "image_updater_background_failures_total{loop=\"retention\"} ";

    private readonly MetricRegistry metrics = new();
    private readonly LogLines<BackgroundLoops> log = new();
    private readonly BackgroundLoops loops;

    public BackgroundLoopsTests() => loops = new BackgroundLoops(new Instruments(metrics), log);

    [Fact]
    public async Task Retention_ABug_IsSeenEverywhereUntilARunGoesThrough()
    {
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Path, "state.db");
        await using var store = (await StateStore.OpenAsync(new StateStoreOptions { Path = path }, TimeProvider.System, default)).Value!;
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var job = new RetentionJob(store.Upkeep, loops, ProgramOptions.Default.State, lifetime, TimeProvider.System, NullLogger<RetentionJob>.Instance);
        var state = new ControllerState();
        state.Observed();
        var readiness = new Readiness(state, loops, new LateRegistries(new Instruments()), store.Upkeep, ProgramOptions.Default.Restarts, TimeProvider.System);
        await using var served = await ServedMetrics.StartAsync(metrics);

        await job.Execute(context: null!);
        Assert.Empty(await readiness.MissingAsync(default));
        Assert.Empty(log.Written);
        Assert.Contains(Counted + "0", await served.SamplesAsync());

        Execute(path, "ALTER TABLE plans RENAME TO elsewhere");
        await job.Execute(context: null!);
        Assert.Equal("retention: unexpected error (SqliteException); see the log", Assert.Single(await readiness.MissingAsync(default)));
        Assert.Equal("Error 122 SqliteException: SQLite Error 1: 'no such table: plans'.", Assert.Single(log.Written));
        Assert.Contains(Counted + "1", await served.SamplesAsync());

        Execute(path, "ALTER TABLE elsewhere RENAME TO plans");
        await job.Execute(context: null!);
        Assert.Empty(await readiness.MissingAsync(default));
        Assert.Equal("Information 123", log.Written[^1]);
        Assert.Contains(Counted + "1", await served.SamplesAsync());
    }

    [Fact]
    public void Crashed_TheSameAgain_IsLoggedOnceAndAnotherAtOnce()
    {
        foreach (var message in (string[])["one", "one", "another", "one"])
            loops.Crashed(BackgroundLoop.Tracking, new InvalidOperationException(message));
        loops.Crashed(BackgroundLoop.Retention, new InvalidOperationException("one"));

        Assert.Equal(["Error", "Debug", "Error", "Error", "Error"], log.Written.Select(line => line.Split(' ')[0]));
        Assert.Equal(
            ["tracking: unexpected error (InvalidOperationException); see the log", "retention: unexpected error (InvalidOperationException); see the log"],
            loops.Problems);
    }

    [Fact]
    public void Crashed_AMessageWithASecret_IsNotForWhoAsksForReadiness()
    {
        loops.Crashed(BackgroundLoop.Tracking, new InvalidOperationException("s3cret"));

        Assert.DoesNotContain("s3cret", Assert.Single(loops.Problems));
    }

    private static void Execute(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=10");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
