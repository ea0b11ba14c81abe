using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

public sealed class KubeconfigTests : IDisposable
{
    private const string SomeContext = "{ kind: Config, current-context: a, contexts: [ { name: a, context: { cluster: c } } ], clusters: [ { name: c, cluster: { server: 'SERVER' } } ] }";

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null, "", "kubeconfig '{0}' does not exist (given by --kubeconfig)")]
    [InlineData("", "", "kubeconfig '{0}' is empty (given by --kubeconfig)")]
    [InlineData("a: [", "", "kubeconfig '{0}' is not valid YAML at line 2: ")]
    [InlineData("just text", "", "'{0}' is not a kubeconfig: it is not a YAML mapping")]
    [InlineData("kind: Config\ncontexts: []\nusers: [{name: u, user: {}}]", "", "the kubeconfig has no current-context; pass --context, or run kubectl config use-context")]
    [InlineData(SomeContext, "--context=b", "the kubeconfig has no context 'b'; available: a")]
    [InlineData("{ current-context: a, contexts: [ { name: a, context: { cluster: c } } ] }", "", "context 'a' names cluster 'c', which is not in the kubeconfig; available: none")]
    public async Task Plan_Unusable_SaysWhyAndMakesNoState(string? text, string option, string message)
    {
        var path = Path.Combine(folder.Path, "config");
        if (text is not null)
            folder.Write("config", text);

        var result = await PlanAsync(path, option);

        Assert.StartsWith(string.Format(message, path), Message.Of(result));
        Assert.False(File.Exists(State));
    }

    [Fact]
    public async Task Plan_Folder_SaysSo() => Message.Of(await PlanAsync(folder.Path), $"kubeconfig '{folder.Path}' is a folder, not a file");

    [Fact]
    public async Task Plan_NobodyListens_SaysWhoDoesNotAnswer()
    {
        // Nothing listens on port 1 of loopback.
        var path = folder.Write("config", SomeContext.Replace("SERVER", "http://127.0.0.1:1"));

        var message = Message.Of(await PlanAsync(path));

        Assert.Equal("the Kubernetes API at 127.0.0.1:1 could not be reached: Connection refused (127.0.0.1:1)", message);
    }

    public static TheoryData<string, string> Answers => new()
    {
        { "401", "the Kubernetes API rejected the credentials of context 'test' (cluster 'c' at http://127.0.0.1:PORT/, user 'u'): Unauthorized" },
        { "500", "Internal error occurred: etcd is away" },
        { "500 html", "the Kubernetes API answered 500 Internal Server Error" },
        { "200 html", "invalid response from /apis/apps/v1/" },
        { "403", "deployments.apps is forbidden: User \"u\" cannot list" },
        { "cut", "the Kubernetes API at 127.0.0.1:PORT could not be reached: " },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Plan_ApiAnswersOtherwise_SaysWhat(string answer, string message)
    {
        const string Page = "<html>\n<body>\e[31mSign in, please</body></html>";
        await using var api = await ScriptedApi.StartAsync(answer switch
        {
            "401" => ScriptedApi.Status(401, "Unauthorized", "Unauthorized"),
            "500" => ScriptedApi.Status(500, "InternalError", "Internal error occurred:\netcd is away"),
            "500 html" => ScriptedApi.Json(Page, 500),
            "200 html" => ScriptedApi.Json(Page),
            "403" => ScriptedApi.Status(403, "Forbidden", "deployments.apps is forbidden: User \"u\" cannot list resource \"deployments\""),
            _ => ScriptedApi.HangUp,
        });
        var path = folder.Write("config", Connections.Yaml(api.Address));

        var result = await PlanAsync(path);

        Assert.StartsWith(message.Replace("PORT", $"{api.Address.Port}"), Message.Of(result));
        Assert.DoesNotContain("secret", result.Errors);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Plan_OneKindFails_TheOthersAreServed()
    {
        await using var api = await ScriptedApi.StartAsync(context => context.Request.Path.Value!.EndsWith("statefulsets", StringComparison.Ordinal)
            ? ScriptedApi.Status(500, "InternalError", "etcd is away")(context)
            : ScriptedApi.Json("""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}""")(context));

        var result = await PlanAsync(folder.Write("config", Connections.Yaml(api.Address)));

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("! cannot list statefulsets: etcd is away", result.Output);
    }

    private string State => Path.Combine(folder.Path, "state.db");

    private Task<HostResult> PlanAsync(string kubeconfig, string option = "") =>
        InProcess.RunAsync(["--kubeconfig", kubeconfig, "--state", State, "plan", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
}
