using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", "missing command; usage: image-updater run|plan|apply|explain|report|history|state|resolve|health")]
    [InlineData("bogus", "unknown command 'bogus'; usage: ")]
    [InlineData("--bogus", "unknown option '--bogus'; usage: ")]
    [InlineData("aply", "unknown command 'aply'; did you mean 'apply'? usage: image-updater run|")]
    [InlineData("plan --namespce shop", "unknown option '--namespce'; did you mean '--namespace'? usage: image-updater plan [options]; see --help")]
    [InlineData("history --faild", "unknown option '--faild'; did you mean '--failed'? usage: image-updater history [KIND/NAME] [options]; see --help")]
    [InlineData("state list --faild", "unknown option '--faild'; did you mean '--failed'?")]
    [InlineData("apply --auto-aprove", "unknown option '--auto-aprove'; did you mean '--auto-approve'?")]
    [InlineData("resolve -x", "unknown option '-x'; usage: ")]
    [InlineData("resolve -- -x", "'-x' is not a valid image reference")]
    [InlineData("plan --namespace a,b", "invalid namespace 'a,b'; use the name of one namespace, for example shop; usage: ")]
    [InlineData("history --namespace=-", "invalid namespace '-'; use the name of one namespace")]
    [InlineData("resolve nginx --namespace Shop", "invalid namespace 'Shop'; use the name of one namespace")]
    [InlineData("apply p-1 --namespace shop", "use either PLAN, which has the namespaces that it was made for, or --namespace; usage: ")]
    [InlineData("resolve http://nginx", "'http://nginx' is not a valid image reference; use for example nginx:1.27 or registry.example.com/team/app:prod, without http://")]
    [InlineData("plan --bogus", "unknown option '--bogus'; usage: image-updater plan [options]")]
    [InlineData("plan surplus", "unexpected argument 'surplus'; usage: ")]
    [InlineData("plan --namespace", "required argument missing for option: '--namespace'; usage: ")]
    [InlineData("plan --output xml", "invalid value 'xml' for --output; use one of text, wide, json, yaml, markdown; usage: ")]
    [InlineData("plan --output 1", "invalid value '1' for --output; use one of text, wide, json, yaml, markdown; usage: ")]
    [InlineData("plan --detailed-exitcode=2", "invalid value '2' for --detailed-exitcode; use true or false")]
    [InlineData("apply --auto-approve=no", "invalid value 'no' for --auto-approve; use true or false; usage: image-updater apply [PLAN] [options]")]
    [InlineData("apply --wait:maybe", "invalid value 'maybe' for --wait; use true or false")]
    [InlineData("apply --timeout soon", "invalid duration 'soon'; use 90s, 15m, 12h or 7d; usage: ")]
    [InlineData("apply one two", "unexpected argument 'two'")]
    [InlineData("report --since nonsense", "invalid duration 'nonsense'")]
    [InlineData("report --since 0d", "invalid duration '0d'")]
    [InlineData("report --since 7", "invalid duration '7'")]
    [InlineData("report --since 99999999999d", "invalid duration '99999999999d'")]
    [InlineData("report --since x --format pdf", "invalid duration 'x'; use 90s, 15m, 12h or 7d; invalid value 'pdf' for --output; use one of markdown, html, json, yaml")]
    [InlineData("history --limit abc", "invalid value 'abc' for --limit; use a whole number above 0; usage: image-updater history [KIND/NAME] [options]")]
    [InlineData("history --limit 0", "invalid value '0' for --limit; use a whole number above 0")]
    [InlineData("history --limit -1", "invalid value '-1' for --limit; use a whole number above 0")]
    [InlineData("resolve", "required argument missing for command: 'resolve'; usage: image-updater resolve IMAGE [options]")]
    [InlineData("resolve @file", "'@file' is not a valid image reference")]
    [InlineData("resolve Nginx", "'Nginx' is not a valid image reference")]
    [InlineData("resolve \e[31mred", "' [31mred' is not a valid image reference")]
    [InlineData("bogus\e]0;title\a", "unknown command 'bogus ]0;title '")]
    public async Task Parse_NotUnderstood_IsOneMessageWithTheUsage(string arguments, string message)
    {
        var result = await InProcess.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.StartsWith(message, Message.Of(result));
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Host_UnknownOption_ExitsWith1() =>
        Message.Of(await HostProcess.RunAsync(["plan", "--bogus"], new Dictionary<string, string?>()), "unknown option '--bogus'");
}
