using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "no command is given; usage: image-updater run|plan|apply|explain|report|history|state|resolve|health")]
    [InlineData("bogus", "'bogus' is no command of image-updater; usage: ")]
    [InlineData("--bogus", "'--bogus' is no option of image-updater; usage: ")]
    [InlineData("plan --bogus", "'--bogus' is no option of image-updater plan; usage: image-updater plan [options]")]
    [InlineData("plan surplus", "'surplus' is no argument of image-updater plan; usage: ")]
    [InlineData("plan --namespace", "required argument missing for option: '--namespace'; usage: ")]
    [InlineData("plan --output xml", "--output is one of text, json, markdown, not 'xml'; usage: ")]
    [InlineData("plan --output 1", "--output is one of text, json, markdown, not '1'; usage: ")]
    [InlineData("plan --detailed-exitcode=2", "--detailed-exitcode is true or false, not '2'")]
    [InlineData("apply --auto-approve=no", "--auto-approve is true or false, not 'no'; usage: image-updater apply [PLAN] [options]")]
    [InlineData("apply --wait:maybe", "--wait is true or false, not 'maybe'")]
    [InlineData("apply --timeout soon", "'soon' is not a span of time: write 90s, 15m, 12h or 7d; usage: ")]
    [InlineData("apply one two", "'two' is no argument of image-updater apply")]
    [InlineData("report --since nonsense", "'nonsense' is not a span of time")]
    [InlineData("report --since 0d", "'0d' is not a span of time")]
    [InlineData("report --since 7", "'7' is not a span of time")]
    [InlineData("report --since 99999999999d", "'99999999999d' is not a span of time")]
    [InlineData("report --since x --format pdf", "'x' is not a span of time: write 90s, 15m, 12h or 7d; --format is one of markdown, html, json, not 'pdf'")]
    [InlineData("history --limit abc", "--limit is a whole number above 0, not 'abc'; usage: image-updater history [KIND/NAME] [options]")]
    [InlineData("history --limit 0", "--limit is a whole number above 0, not '0'")]
    [InlineData("history --limit -1", "--limit is a whole number above 0, not '-1'")]
    [InlineData("resolve", "required argument missing for command: 'resolve'; usage: image-updater resolve IMAGE [options]")]
    [InlineData("resolve @file", "'@file' is not a valid image reference")]
    [InlineData("resolve Nginx", "'Nginx' is not a valid image reference")]
    [InlineData("resolve \e[31mred", "' [31mred' is not a valid image reference")]
    [InlineData("bogus\e]0;title\a", "'bogus ]0;title ' is no command")]
    public async Task Parse_NotUnderstood_IsOneMessageWithTheUsage(string arguments, string message)
    {
        var result = await InProcess.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.StartsWith(message, Message.Of(result));
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Host_UnknownOption_ExitsWith1() =>
        Message.Of(await HostProcess.RunAsync(["plan", "--bogus"], new Dictionary<string, string?>()), "'--bogus' is no option");
}
