using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.IntegrationTests.Parts;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>New conditions are logged at once, persisting ones once per hour.</summary>
public sealed class CycleLogTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    private readonly SteppedTime time = new();
    private readonly Lines lines = new();
    private readonly CycleLog log;

    public CycleLogTests()
    {
        log = new CycleLog(ProgramOptions.Default.Checking, new RunTally(), time, lines);
    }

    [Fact]
    public void Done_NothingNewForADay_IsALineAtTheStartAndOneAnHour()
    {
        for (var i = 0; i < 24 * 120; i++)
            Cycle(Plan());

        Assert.Equal("Information First look: 0 workloads; 0 containers, 0 images, 0 adopted, 0 outdated", lines.Written[0]);
        Assert.StartsWith("Information Nothing new: 0 to restart, 0 held", lines.Written[1], StringComparison.Ordinal);
        Assert.Equal(23, lines.Written.Count(line => line.StartsWith("Information Since ", StringComparison.Ordinal)));
        Assert.Contains("121 cycles, 0 failed; now ", lines.Written[2]);
        Assert.Equal(25, lines.Written.Count);
        Assert.Equal((24 * 120) - 1, lines.Debug);
    }

    [Fact]
    public void Done_ANewPlan_IsALineWithItsId()
    {
        Cycle(Plan(), isStored: true);
        Cycle(Plan());

        Assert.Equal(2, lines.Written.Count);
        Assert.StartsWith("Information Plan p1: 0 to restart", lines.Written[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Done_WarningsThatComeAndGo_AreLoggedOnceAndWhenTheyAreOver()
    {
        // Only in cycles that check an image which needs the secret.
        for (var i = 0; i < 100; i++)
            Cycle(i % 10 == 0 ? Plan("pull secret shop/x is not valid JSON") : Plan());
        Assert.Single(lines.Written, line => line == "Warning pull secret shop/x is not valid JSON");
        for (var i = 0; i < 5 * 120; i++)
            Cycle(Plan());

        Assert.Single(lines.Written, line => line.StartsWith("Information Warning resolved, last seen ", StringComparison.Ordinal) && line.EndsWith("Z: pull secret shop/x is not valid JSON", StringComparison.Ordinal));
        Cycle(Plan("pull secret shop/x is not valid JSON"));
        Assert.Equal("Warning pull secret shop/x is not valid JSON", lines.Written[^1]);
    }

    [Fact]
    public void Done_WarningOfAWorkload_IsLoggedOnceWithItsName()
    {
        Cycle(Plan() with { Workloads = [Workload("'wbe' is no container")] });
        Cycle(Plan() with { Workloads = [Workload("'wbe' is no container")] });
        Cycle(Plan() with { Workloads = [Workload("'wbw' is no container")] });

        Assert.Equal(
            ["Warning shop/deployment/web: 'wbe' is no container", "Warning shop/deployment/web: 'wbw' is no container"],
            lines.Written.Where(line => line.Contains("shop/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Unreadable_ForHours_IsLoggedOnceAndHourlyAndWhenItIsOver()
    {
        Cycle(Plan());
        for (var i = 0; i < 3 * 120; i++)
            Fail("connection refused");
        Fail("403");
        Cycle(Plan());

        string[] beginnings =
        [
            "Information First look: ", "Information Nothing new: ", "Warning Cannot read the cluster: connection refused", "Warning Since ", "Warning Since ", "Warning Since ",
            "Warning Cannot read the cluster: 403", "Information Cycles succeed again; they failed since ",
        ];
        Assert.Equal(beginnings.Length, lines.Written.Count);
        Assert.All(beginnings.Zip(lines.Written), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.Contains(", all since 1970-01-01 00:00:30Z: connection refused", lines.Written[5]);
        Assert.EndsWith(" since 1970-01-01 00:00:30Z: 403", lines.Written[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Done_TheFirstLook_IsSummedUpInOneLineHoweverManyAreAdopted()
    {
        Cycle(Plan() with { Workloads = [.. Enumerable.Range(0, 30_000).Select(Adopting)], NotEnabled = 4, ImageCount = 200 }, isStored: true);
        Cycle(Plan() with { Workloads = [Adopting(7)], NotEnabled = 4 }, isStored: true);

        Assert.Equal("Information First look: 30,004 workloads, 30,000 enabled; 30,000 containers, 200 images, 30,000 adopted, 0 outdated", lines.Written[0]);
        Assert.Equal(
            "Information Adopted 30,000 containers of 30,000 workloads: shop/deployment/web0, shop/deployment/web1, shop/deployment/web2, shop/deployment/web3, shop/deployment/web4 and 29,995 more",
            lines.Written[1]);
        Assert.StartsWith("Information Plan p1: ", lines.Written[2], StringComparison.Ordinal);
        Assert.Equal("Information Adopted 1 container of 1 workload: shop/deployment/web7", lines.Written[3]);
        Assert.Equal(5, lines.Written.Count);
    }

    private static WorkloadPlan Adopting(int number)
    {
        var digest = Digest.Parse($"sha256:{number:x64}");
        return Workload("") with
        {
            Key = new WorkloadKey("shop", WorkloadKind.Deployment, $"web{number}"),
            Warnings = [],
            Containers =
            [
                new ContainerDecision("web", IsInit: false, "web", Image: null, ContainerAction.NoOp, DecisionReason.FirstSeen, "first seen")
                {
                    Adopt = new Baseline(new ContainerId($"u{number}", "web"), ImageReference.Parse("web").Value!, digest, BaselineOrigin.RunningPods, default),
                },
            ],
        };
    }

    private static RolloutPlan Plan(params string[] warnings) => new() { CreatedAt = default, Scope = PlanScope.Everything, Workloads = [], Warnings = warnings };

    private static WorkloadPlan Workload(string warning) => new()
    {
        Key = new WorkloadKey("shop", WorkloadKind.Deployment, "web"),
        Uid = "u",
        ResourceVersion = "1",
        Containers = [],
        Warnings = [warning],
    };

    private void Cycle(RolloutPlan plan, bool isStored = false)
    {
        log.Done(new MadePlan("p1", isStored, plan, Input: null!, OpenRollouts: []));
        time.Advance(Tick);
    }

    private void Fail(string reason)
    {
        log.Unreadable(reason);
        time.Advance(Tick);
    }

    private sealed class Lines : ILogger<CycleLog>
    {
        public List<string> Written { get; } = [];

        public int Debug { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Debug)
                Debug++;
            else
                Written.Add($"{logLevel} {formatter(state, exception)}");
        }
    }
}
