using System.Diagnostics;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Composition;
using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed class HistoryTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder folder = new();

    private string State => Path.Combine(folder.Path, "state.db");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("kim", "kim@laptop, apply")]
    [InlineData("", "laptop, apply")]
    public void Actor_OfAUserWithoutAName_IsTheMachine(string user, string expected) => Assert.Equal(expected, Call.ActorOf(user, "laptop", "apply"));

    [Theory]
    [InlineData("", "blog statefulset/db web shop/deployment/web")]
    [InlineData("deployment/web", "blog shop")]
    [InlineData("deploy/web -n shop", "shop")]
    [InlineData("sts/db", "statefulset/db")]
    [InlineData("-n blog", "web statefulset/db")]
    [InlineData("--limit 1", "blog/deployment/web")]
    [InlineData("daemonset/web", "")]
    public async Task History_Filter_ShowsThoseNewestFirst(string arguments, string expected)
    {
        await FillAsync();

        var result = await HistoryAsync(arguments);

        Assert.True(result.ExitCode == 0, result.ToString());
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (expected.Length == 0)
        {
            Assert.Equal(["No records found."], lines);
            return;
        }

        var all = (string[])
        [
            "2026-03-01 12:02:00Z  blog/deployment/web  rollout failed: a pod [31mcrashes [bold]  (run)",
            "2026-03-01 12:01:00Z  blog/statefulset/db  restarted: db (db:1) a -> b  (apply by kim)",
            "2026-03-01 12:00:00Z  shop/deployment/web  restarted: web (web:1) a -> b  (run)",
        ];
        Assert.Equal(all.Where(lines.Contains), lines);
        var words = expected.Split(' ').Distinct(StringComparer.Ordinal).ToList();
        Assert.All(words, word => Assert.Contains(lines, line => line.Contains(word, StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.Contains(words, word => line.Contains(word, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("web")]
    [InlineData("deployment/")]
    [InlineData("pod/web")]
    [InlineData("a/b/c")]
    public async Task History_NoWorkload_SaysHowToWriteOne(string workload)
    {
        await FillAsync();

        Assert.Equal($"invalid workload '{workload}'; use KIND/NAME, for example deployment/web", Message.Of(await HistoryAsync(workload)));
    }

    /// <summary>Debian's script runs a command on a pseudo terminal.</summary>
    [SkippableTheory]
    [InlineData("", true)]
    [InlineData("NO_COLOR=1 ", false)]
    [InlineData("TERM=dumb ", false)]
    public async Task History_OnATerminal_HasColourUnlessDisabled(string environment, bool hasColour)
    {
        if (Requirement.Find("script") is null)
            Requirement.Skip("terminal", "script is not installed (Debian: bsdutils)");
        await FillAsync();
        var command = $"{environment}dotnet {Path.Combine(AppContext.BaseDirectory, "ImageUpdater.Host.dll")} --state {State} history --limit 1";
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment.Remove("NO_COLOR");
        start.Environment["TERM"] = "xterm-256color";

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var shown = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Equal(hasColour, shown.Contains("\e[38;5;", StringComparison.Ordinal) || shown.Contains("\e[91m", StringComparison.Ordinal));
        Assert.Contains("a pod [31mcrashes [bold]", shown);
    }

    private async Task FillAsync()
    {
        await using var store = await EmptyStore.OpenAsync(State);
        var plan = new RolloutPlan { CreatedAt = Noon, Scope = PlanScope.Everything, Workloads = [] };
        IReadOnlyList<AuditRecord> records =
            [
                new(Noon, AuditAction.Restarted, new("shop", WorkloadKind.Deployment, "web"), "u1", "run", "web (web:1) a -> b"),
                new(Noon.AddMinutes(1), AuditAction.Restarted, new("blog", WorkloadKind.StatefulSet, "db"), "u2", "apply by kim", "db (db:1) a -> b"),
                new(Noon.AddMinutes(2), AuditAction.RolloutFailed, new("blog", WorkloadKind.Deployment, "web"), "u3", "run", "a pod\e[31mcrashes [bold]"),
            ];
        await store.Planning.SavePlanAsync("p1", plan, "run", new JournalEntry([], [], [], records), CancellationToken.None);
    }

    private Task<HostResult> HistoryAsync(string arguments) =>
        InProcess.RunAsync(["--state", State, "history", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
}
