using System.Text.RegularExpressions;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed partial class HelpTests
{
    [Theory]
    [InlineData("run", "0 stopped cleanly; 1 error")]
    [InlineData("plan", "0 done; with --detailed-exitcode 0 nothing to do and 2 something to do; 1 error")]
    [InlineData("apply", "0 done; 1 error; 3 a rollout failed, timed out, was reverted or ended with a mismatch; 4 the plan is stale")]
    [InlineData("report", "0 done; 1 error")]
    [InlineData("history", "0 done; 1 error")]
    [InlineData("resolve", "0 done; 1 error")]
    [InlineData("doctor", "0 no check failed; 1 a check failed, or an error")]
    [InlineData("retry", "0 done; 1 nothing to retry, or an error")]
    public async Task Help_OfACommand_NamesItsExitCodesAndAnExampleOfRealOptions(string command, string exitCodes)
    {
        var help = await InProcess.RunAsync(command, "--help");

        Assert.True(help.ExitCode == 0, help.ToString());
        Assert.Empty(help.Errors);
        Assert.Contains($"Exit codes: {exitCodes}.", help.Output);
        Assert.Contains($"Usage:\n  image-updater {command} ", help.Output);
        var example = Example().Match(help.Output);
        Assert.True(example.Success, help.Output);
        Assert.Contains($"image-updater {command}", example.Value);
        var options = help.Output[help.Output.IndexOf("Options:", StringComparison.Ordinal)..];
        Assert.All(Option().Matches(example.Value), option => Assert.Contains($"{option.Value} ", options));
    }

    [Fact]
    public async Task Help_OfAll_ListsTheCommandsInALineEach()
    {
        var help = await InProcess.RunAsync("--help");

        Assert.True(help.ExitCode == 0, help.ToString());
        Assert.DoesNotContain("Exit codes", help.Output);
        Assert.DoesNotContain("ImageUpdater.Host", help.Output);
        foreach (var command in (string[])["run", "plan", "apply <PLAN>", "report", "history <KIND/NAME>", "resolve <IMAGE>", "retry <KIND/NAME>"])
            Assert.Matches($"(?m)^  {Regex.Escape(command)} +[A-Z][^.]+\\.$", help.Output);
    }

    [Fact]
    public async Task Help_BesideWhatIsNotUnderstood_IsHelp() => Assert.Equal(0, (await InProcess.RunAsync("resolve", "--bogus", "--help")).ExitCode);

    [Fact]
    public async Task Version_Asked_IsOneLine() => Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", (await InProcess.RunAsync("--version")).Output);

    [GeneratedRegex(@"Example:\n +(?<line>.+)\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Example();

    [GeneratedRegex("--[a-z-]+", RegexOptions.None, 1000)]
    private static partial Regex Option();
}
