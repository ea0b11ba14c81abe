using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

/// <summary>
/// A cluster with text that is markup in HTML, Markdown or a terminal, and all reports of it. The Sandbox accepts container names that a
/// real API rejects.
/// </summary>
public sealed partial class ReportTests
{
    private const string HostileName = "<img src=x onerror=alert(1)>|`\e[2J";
    private const string HostileImage = "\"><script>alert(2)</script>\e]0;title\a|[link](javascript:alert(3))";

    [Fact]
    public async Task PlanAndReport_HostileText_IsShownAndNotObeyed()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("app", "one");
        world.Sandbox!.Apply(Manifests.Deployment("evil", (HostileName, HostileImage), ("web", world.Image("app")))
            .Enabled(("track-containers", $"{HostileName},web,<b>ghost</b>\e[1m"), ("last-digest", "<i>rubbish</i>\e[7m")).In(world.Namespace));
        await world.UntilObservedAsync();

        var text = await world.PlanAsync();
        Assert.True(text.ExitCode == 0, text.ToString());
        Assert.DoesNotContain(text.Output, character => char.IsControl(character) && character != '\n');
        Assert.Contains("<img src=x onerror=alert(1)>|` [2J: '\"><script>alert(2)</script> ]0;title |[link](javascript:alert(3))' is not a valid image reference", text.Output);
        Assert.Contains("track-containers names '<b>ghost</b> [1m', which is not a container of the pod template", text.Output);

        var markdown = await world.PlanAsync("--output", "markdown");
        AssertNoTags(WithoutCode(markdown.Output));

        var html = await ReportAsync(world, "--format", "html");
        AssertNoTags(html.Output.Replace("[link](", "", StringComparison.Ordinal));
        Assert.Contains("&lt;script&gt;alert(2)&lt;/script&gt;", html.Output);

        var report = await ReportAsync(world, "--format", "markdown");
        AssertNoTags(WithoutCode(report.Output));

        var json = await ReportAsync(world, "--format", "json");
        Assert.DoesNotContain('\e', json.Output);
        Assert.NotNull(JsonNode.Parse(json.Output));

        // The format option determines the encoding of a user's template.
        var template = Path.Combine(world.Folder, "own.scriban");
        await File.WriteAllTextAsync(template, "{{ for item in waiting }}{{ item.name }}: {{ item.explanation }}{{ end }}");
        var own = await ReportAsync(world, "--format", "html", "--template", template);
        Assert.StartsWith("evil: ", own.Output);
        AssertNoTags(own.Output.Replace("[link](", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Report_EachForm_ToOutputAndFile_HasTheRestart()
    {
        await using var world = await World.StartAsync();
        var before = await world.PushAsync("app", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("app"))).Enabled(("last-digest", $"app:{before}")));
        var after = await world.PushAsync("app", "two");
        await world.ApplyAsync();

        var html = await ReportAsync(world, "--format", "html");
        Assert.StartsWith("<!doctype html>", html.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(after, html.Output);
        var json = JsonNode.Parse((await ReportAsync(world, "--format", "json")).Output)!;
        Assert.Equal(after, json["restarts"]![0]!["changes"]![0]!["to"]!.GetValue<string>());
        Assert.Contains("1 restart", (await ReportAsync(world)).Output);

        var file = Path.Combine(world.Folder, "report.md");
        var written = await ReportAsync(world, "--out", file, "--since", "1h", "--namespace", world.Namespace);
        Assert.Equal($"wrote {file} (1 restart)\n", written.Output);
        Assert.Contains($"| `{world.Namespace}/deployment/web` | `app` |", await File.ReadAllTextAsync(file));
        foreach (var (name, start) in new[] { ("report.HTML", "<!doctype html>"), ("report.json", "{"), ("report.txt", "#") })
        {
            await ReportAsync(world, "--out", Path.Combine(world.Folder, name));
            Assert.StartsWith(start, await File.ReadAllTextAsync(Path.Combine(world.Folder, name)), StringComparison.OrdinalIgnoreCase);
        }

        await ReportAsync(world, "--out", Path.Combine(world.Folder, "chosen.html"), "--format", "markdown");
        Assert.StartsWith("#", await File.ReadAllTextAsync(Path.Combine(world.Folder, "chosen.html")), StringComparison.Ordinal);
        Assert.Contains("Nothing was restarted in this period.", (await ReportAsync(world, "--namespace", "elsewhere")).Output);
    }

    // Markdown shows the text between equal runs of backticks literally.
    private static string WithoutCode(string markdown) => CodeSpan().Replace(markdown, "");

    [GeneratedRegex("(?<!`)(?<fence>`+)(?!`)[^\n]+?(?<!`)\\k<fence>(?!`)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeSpan();

    private static void AssertNoTags(string text)
    {
        foreach (var tag in (string[])["<script>alert", "<img src=x", "<b>ghost", "<i>rubbish", "[link](", "\e"])
            Assert.DoesNotContain(tag, text);
    }

    private static async Task<HostResult> ReportAsync(World world, params string[] options)
    {
        var result = await InProcess.RunAsync(["--state", world.State, "report", .. options]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }
}
