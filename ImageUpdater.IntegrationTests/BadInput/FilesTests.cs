using System.Runtime.Versioning;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>Files that a user names: plans to apply, templates, and output files.</summary>
public sealed class FilesTests : IDisposable
{
    private readonly TestFolder folder = new();

    private string State => Path.Combine(folder.Path, "state.db");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("hello", "not a plan: the text is not a JSON object (line 1)")]
    [InlineData("", "not a plan: the text is not a JSON object (line 1)")]
    [InlineData("[1]", "not a plan: the text is not a JSON object (line 1)")]
    [InlineData("{}", "the file is JSON, but not a plan: \"kind\": \"RolloutPlan\" or formatVersion is missing")]
    [InlineData("""{"kind":"RolloutPlan","formatVersion":"2.0"}""", "the plan was written by a newer version (format 2.0); this version reads 1.x")]
    [InlineData("""{"kind":"RolloutPlan","formatVersion":"\u001b[31m"}""", "unsupported formatVersion ' [31m'; this version reads 1.x")]
    [InlineData("""{"kind":"RolloutPlan","formatVersion":"1.7"}""", "the plan can't be used: createdAt is missing")]
    [InlineData("""{"kind":"RolloutPlan","formatVersion":"1.0","workloads":7}""", "the plan can't be used: workloads has a value of the wrong type")]
    public async Task Apply_FileIsNoPlan_SaysWhy(string text, string message)
    {
        var path = folder.Write("plan.json", text);

        Assert.StartsWith($"'{path}': {message}", Message.Of(await ApplyAsync(path)));
    }

    [Theory]
    [InlineData("p-unknown", "plan p-unknown not found; create one with image-updater plan")]
    [InlineData("missing.json", "plan file 'missing.json' not found; write one with image-updater plan --out")]
    [InlineData("/no/such/plan", "plan file '/no/such/plan' not found; write one with image-updater plan --out")]
    public async Task Apply_NoSuchPlan_SaysWhatToDo(string plan, string message) => Assert.Equal(message, Message.Of(await ApplyAsync(plan)));

    [Theory]
    [InlineData(null, "the template 'PATH' does not exist")]
    [InlineData("{{ for item in restarts }}", "PATH: Error while parsing for statement: The <end> statement was not found")]
    [InlineData("\n{{ nothing }}", "PATH: The variable or function `nothing` was not found (line 2, column 4)")]
    [InlineData("{{ func f }}{{ f }}{{ end }}{{ f }}", "PATH: Exceeding number of recursive depth limit `50`")]
    [InlineData("{{#each restarts}}", "PATH: the template has {{#each (line 1); templates use Scriban: replace {{#each restarts}}")]
    public async Task Report_TemplateUnusable_SaysWhyAndWritesNothing(string? text, string message)
    {
        var path = Path.Combine(folder.Path, "template.scriban");
        if (text is not null)
            folder.Write("template.scriban", text);
        var target = Path.Combine(folder.Path, "report.html");

        var result = await ReportAsync("--format", "html", "--template", path, "--out", target);

        Assert.StartsWith(message.Replace("PATH", path), Message.Of(result));
        Assert.Empty(result.Output);
        Assert.False(File.Exists(target));
    }

    [Fact]
    public async Task Report_TemplateInTheOldLanguage_SaysWhatToWrite()
    {
        var path = folder.Write("chat.hbs", "{{summary.restarts}}");

        var message = Message.Of(await ReportAsync("--format", "html", "--template", path));

        Assert.StartsWith($"'{path}' is a template of an earlier version; templates use Scriban: replace {{{{#each restarts}}}}", message);
        Assert.EndsWith("see docs/reports.md for the full list. Then rename the file to .scriban", message);
    }

    [Fact]
    public async Task Report_TemplateForJson_SaysThatItIsNone() => Message.Of(
        await ReportAsync("--format", "json", "--template", folder.Write("template.scriban", "x")), "--template does not apply to --output json");

    [Fact]
    public async Task Report_OutCannotBeWritten_SaysWhy()
    {
        Assert.Equal("cannot write '/no/such/folder/x': the folder does not exist", Message.Of(await ReportAsync("--out", "/no/such/folder/x")));
        Assert.Equal($"cannot write '{folder.Path}': the path is a folder", Message.Of(await ReportAsync("--out", folder.Path)));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.part"));
    }

    [Fact]
    public async Task Report_OutIsALink_IsRefusedAndItsTargetUnchanged()
    {
        var target = folder.Write("target.md", "old");
        var link = Path.Combine(folder.Path, "link.md");
        File.CreateSymbolicLink(link, target);

        Assert.Equal(
            $"cannot write '{link}': it is a symbolic link; use the path of the file itself, or remove the link", Message.Of(await ReportAsync("--out", link)));
        Assert.Equal("old", await File.ReadAllTextAsync(target));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    /// <summary>A link of the system, to what the process has open.</summary>
    [Fact]
    public async Task Report_OutIsStandardOutput_WritesThere()
    {
        Requirement.Linux();
        await using (await EmptyStore.OpenAsync(State))
        {
        }

        var result = await HostProcess.RunAsync(["--state", State, "report", "--out", "/dev/stdout"], new Dictionary<string, string?>());

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.StartsWith("# Rollout audit report", result.Output);
        var dash = await InProcess.RunAsync("--state", State, "report", "--out", "-");
        Assert.StartsWith("# Rollout audit report", dash.Output);
    }

    [UnsupportedOSPlatform("windows")]
    [Theory]
    [InlineData(false, "600")]
    [InlineData(true, "640")]
    public async Task Report_Out_IsTheOwnersAndReadByTheGroupOfAVolumeWithFsGroup(bool isSetgid, string mode)
    {
        Requirement.Linux();
        var path = folder.Write("out/report.md", "old");
        var into = Path.GetDirectoryName(path)!;
        if (isSetgid)
            File.SetUnixFileMode(into, File.GetUnixFileMode(into) | UnixFileMode.SetGroup);

        var result = await ReportAsync("--out", path);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(mode, Convert.ToString((int)File.GetUnixFileMode(path), 8));
    }

    private async Task<HostResult> ReportAsync(params string[] options)
    {
        await using (await EmptyStore.OpenAsync(State))
        {
        }

        return await InProcess.RunAsync(["--state", State, "report", .. options]);
    }

    private Task<HostResult> ApplyAsync(string plan) =>
        InProcess.RunAsync("--kubeconfig", folder.Write("config", Connections.Yaml(new Uri("http://127.0.0.1:1"))), "--state", State, "apply", plan);
}
