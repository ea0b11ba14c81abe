using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Composition;
using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Persistence.Store;
using YamlDotNet.Serialization;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed partial class HistoryTests : IDisposable
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
    [InlineData("--all-namespaces", "blog statefulset/db web shop/deployment/web")]
    [InlineData("deployment web", "blog shop")]
    [InlineData("web -n shop", "shop")]
    [InlineData("db", "statefulset/db")]
    [InlineData("blog/deployment/web", "blog/deployment/web")]
    [InlineData("--failed", "blog/deployment/web")]
    [InlineData("--failed -n shop", "")]
    [InlineData("--since 3650d", "blog statefulset/db web shop/deployment/web")]
    [InlineData("--since 1s", "")]
    [InlineData("daemonset/web", "")]
    public async Task History_Filter_ShowsThoseNewestFirst(string arguments, string expected)
    {
        await FillAsync();

        var result = await HistoryAsync(arguments);

        Assert.True(result.ExitCode == 0, result.ToString());
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (expected.Length == 0)
        {
            Assert.StartsWith("No records found", Assert.Single(lines));
            return;
        }

        Assert.Matches("^AGE +TIME +WORKLOAD +ACTOR +RECORD$", lines[0]);
        lines = [.. lines.Skip(1).Select(line => Padding().Replace(Age().Replace(line, ""), "  "))];
        var all = (string[])
        [
            "2026-03-01 12:02:00Z  blog/deployment/web  run  rollout failed: a pod [31mcrashes [bold]",
            "2026-03-01 12:01:00Z  blog/statefulset/db  apply by kim  restarted: db (db:1) a -> b",
            "2026-03-01 12:00:00Z  shop/deployment/web  run  restarted: web (web:1) a -> b",
        ];
        Assert.Equal(all.Where(lines.Contains), lines);
        var words = expected.Split(' ').Distinct(StringComparer.Ordinal).ToList();
        Assert.All(words, word => Assert.Contains(lines, line => line.Contains(word, StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.Contains(words, word => line.Contains(word, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("deployment/", "")]
    [InlineData("pod/web", "")]
    [InlineData("a/b/c", "")]
    [InlineData("a/b/c/d", "")]
    [InlineData("deploymnt/web", "; did you mean deployment?")]
    [InlineData("shop/statefulsets/db/0", "")]
    public async Task History_NoWorkload_SaysHowToWriteOne(string workload, string hint)
    {
        await FillAsync();

        Assert.Equal($"invalid workload '{workload}'; use KIND/NAME, for example deployment/web{hint}", Message.Of(await HistoryAsync(workload)));
    }

    [Theory]
    [InlineData("history deployment/wep", "No records found; did you mean deployment/web?")]
    [InlineData("history -n shp", "No records found; did you mean --namespace shop?")]
    [InlineData("history db -n shop", "No records found; did you mean --namespace blog?")]
    [InlineData("history daemonset/web", "No records found; did you mean deployment/web?")]
    [InlineData("state list -n shp", "No containers found; did you mean --namespace shop?")]
    [InlineData("state show statefulset/web", "statefulset/web not found in the store; did you mean deployment/web?")]
    [InlineData("state show web", "blog/deployment/web main  app:1")]
    [InlineData("state show image nothing:1", "docker.io/library/nothing:1 not found in the store; image-updater state list shows the images of all workloads")]
    [InlineData("retry deployment/wep", "nothing to retry for deployment/wep: no digest is quarantined, reverted or held as a mismatch; did you mean deployment/web?")]
    [InlineData("retry web", "nothing to retry for web: no digest is quarantined, reverted or held as a mismatch; run image-updater explain web to see its decision")]
    [InlineData("state forget web", "web is blog/deployment/web and shop/deployment/web; say which one")]
    [InlineData("history shop/deployment/web -n blog", "'shop/deployment/web' is in namespace shop, and --namespace is blog")]
    [InlineData("history -A -n blog", "use either --namespace or --all-namespaces; usage: image-updater history")]
    [InlineData("history --watch -o json", "--watch prints text to standard output; leave out --out, or use --output text or wide")]
    [InlineData("history --out history.html", "history cannot write html, which the name of 'history.html' stands for; use .json, .yaml, .yml, or --output")]
    public async Task Command_NothingFound_SaysWhatWasProbablyMeant(string arguments, string expected)
    {
        await FillAsync();

        var result = await InProcess.RunAsync(["--state", State, .. arguments.Split(' ')]);

        Assert.Contains(expected, result.Output + result.Errors);
    }

    [Theory]
    [InlineData("history", "AuditRecordList", 3)]
    [InlineData("state list", "WorkloadList", 3)]
    [InlineData("history --failed", "AuditRecordList", 1)]
    public async Task Command_JsonAndYaml_HaveTheSame(string arguments, string kind, int items)
    {
        await FillAsync();
        var file = Path.Combine(folder.Path, "list.yaml");

        var json = JsonNode.Parse((await InProcess.RunAsync(["--state", State, .. arguments.Split(' '), "--output", "json"])).Output)!;
        var written = await InProcess.RunAsync(["--state", State, .. arguments.Split(' '), "--out", file]);

        Assert.Equal(kind, json["kind"]!.GetValue<string>());
        Assert.Equal(items, json["items"]!.AsArray().Count);
        Assert.Matches($@"^wrote .*list\.yaml \({items} \w+\)\n$", written.Output);
        var yaml = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(await File.ReadAllTextAsync(file));
        Assert.Equal(kind, yaml["kind"]);
        var (ofJson, ofYaml) = (json["items"]!.AsArray(), (List<object>)yaml["items"]);
        Assert.Equal(ofJson.Select(item => item!["name"]!.GetValue<string>()), ofYaml.Select(item => (string)((Dictionary<object, object>)item)["name"]));
    }

    [Fact]
    public async Task History_Watched_PrintsWhatIsAdded()
    {
        await FillAsync();
        await using var process = HostProcess.Start(["--state", State, "history", "--watch", "--failed"], new Dictionary<string, string?>());
        await Eventually.HoldsAsync("it prints the records", () => Task.FromResult(process.Output.Contains("a pod", StringComparison.Ordinal)), () => process.Errors);

        await using (var store = await EmptyStore.OpenAsync(State))
            await SaveAsync(store, "p2", new AuditRecord(Noon.AddMinutes(9), AuditAction.RestartFailed, new("shop", WorkloadKind.Deployment, "api"), "u9", "run", "conflict"));

        await Eventually.HoldsAsync("it prints the new one", () => Task.FromResult(process.Output.Contains("restart failed: conflict", StringComparison.Ordinal)), () => process.Errors);
        Assert.Equal(0, (await process.TerminateAsync()).ExitCode);
    }

    /// <summary>Debian's script runs a command on a pseudo terminal.</summary>
    [Theory]
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
        await SaveAsync(
            store, "p1",
            new(Noon, AuditAction.Restarted, new("shop", WorkloadKind.Deployment, "web"), "u1", "run", "web (web:1) a -> b"),
            new(Noon.AddMinutes(1), AuditAction.Restarted, new("blog", WorkloadKind.StatefulSet, "db"), "u2", "apply by kim", "db (db:1) a -> b"),
            new(Noon.AddMinutes(2), AuditAction.RolloutFailed, new("blog", WorkloadKind.Deployment, "web"), "u3", "run", "a pod\e[31mcrashes [bold]"));
    }

    private static Task SaveAsync(StateStore store, string id, params AuditRecord[] records)
    {
        var plan = new RolloutPlan
        {
            CreatedAt = Noon,
            Scope = PlanScope.Everything,
            Workloads = [.. records.Select(record => new WorkloadPlan { Key = record.Workload, Uid = record.Uid, ResourceVersion = "1", Containers = [] })],
        };
        var decisions = records.Select(record => new LastDecision(
            new ContainerId(record.Uid, "main"), record.Workload, "app:1", ContainerAction.NoOp, DecisionReason.UpToDate, "up to date", From: null, To: null, Noon)).ToList();
        return store.Planning.SavePlanAsync(id, plan, "run", new JournalEntry(decisions, [], [], records), CancellationToken.None);
    }

    [GeneratedRegex("^[0-9]+[smhd] +", RegexOptions.None, 1000)]
    private static partial Regex Age();

    [GeneratedRegex(" {2,}", RegexOptions.None, 1000)]
    private static partial Regex Padding();

    private Task<HostResult> HistoryAsync(string arguments) =>
        InProcess.RunAsync(["--state", State, "history", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
}
