using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Kubernetes;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>
/// Every source of credentials, valid or damaged, with a secret that a search can find. All secrets contain the same word, so
/// that no list of them is needed.
/// </summary>
internal sealed class PlantedSecrets : IDisposable
{
    public const string Word = "s3cret";

    private readonly TestFolder folder = new();

    /// <param name="registry">The registry of the images: <c>127.0.0.1:5000</c>.</param>
    public PlantedSecrets(string registry)
    {
        Registry = registry;
        folder.WriteScript("bin/docker-credential-good", $"echo '{{\"Username\":\"helper\",\"Secret\":\"{Word}-helper\"}}'");
        folder.WriteScript("bin/docker-credential-bad", $"echo {Word}-rubbish; echo {Word}-complaint >&2; exit 1");
        folder.WriteScript("plugins/good", Print(Answer("good")));
        folder.WriteScript("plugins/bad", $"echo {Word}-complaint >&2; echo {Word}-rubbish");
        folder.WriteScript("plugins/failing", $"echo {Word}-complaint >&2; echo {Word}-rubbish; exit 7");
        folder.WriteScript("plugins/odd", Print(Answer("odd").Replace("Registry", Word, StringComparison.Ordinal)));
    }

    public string Registry { get; }

    public string Folder => folder.Path;

    public string SearchPath => Path.Combine(folder.Path, "bin");

    public string Plugins => Path.Combine(folder.Path, "plugins");

    /// <summary>Content of a pull secret: a valid account and identity token, and three damaged entries.</summary>
    public string DockerConfigJson => $$"""
        {"auths": {
          "{{Registry}}": {"auth": "{{Base64($"json:{Word}-dockerconfigjson")}}"},
          "https://{{Registry}}/v1/": {"username": "identity", "identitytoken": "{{Word}}-identity"},
          "{{Registry}}/team": {"auth": "{{Base64(Word + "-without-colon")}}"},
          "{{Registry}}/team/a": {"auth": "%{{Word}}%"},
          "{{Registry}}/team/b": {"password": ["{{Word}}"]}
        } }
        """;

    public string DockerCfg => $$"""{"{{Registry}}": {"username": "cfg", "password": "{{Word}}-dockercfg"} }""";

    public string WriteDockerConfig(string helper = "good") => Path.GetDirectoryName(folder.Write($"docker-{helper}/config.json", $$"""
        {"auths": {"{{Registry}}": {"auth": "{{Base64($"user:{Word}-config")}}"} }, "credHelpers": {"{{Registry}}": "{{helper}}", "x": "../{{helper}}"}, "credsStore": "absent"}
        """))!;

    public string WritePlugins() => folder.Write("plugins.yaml", """
        apiVersion: kubelet.config.k8s.io/v1
        kind: CredentialProviderConfig
        providers:

        """ + string.Concat(new[] { "good", "bad", "failing", "odd" }.Select(name => $$"""
        - {name: {{name}}, matchImages: ["{{Registry}}"], defaultCacheDuration: 1h, apiVersion: credentialprovider.kubelet.k8s.io/v1,
           args: [{{Word}}-argument], env: [{name: SOME_KEY, value: {{Word}}-environment}], unknown: {{Word}}-unknown}

        """)));

    /// <param name="mirror">A plain HTTP mirror, with its own account.</param>
    public string WriteRegistries(string mirror) => folder.Write("registries.yaml", $$"""
        mirrors:
          "{{Registry}}": {endpoint: ["http://{{mirror}}", "http://user:{{Word}}-userinfo@{{mirror}}", "http://{{Registry}}"]}
        configs:
          "{{mirror}}": {auth: {username: mirror, password: {{Word}}-mirror, unknown: {{Word}}-unknown} }
          "{{Registry}}": {auth: {username: file, password: {{Word}}-file} }
          "damaged.example.com": {auth: {auth: {{Word}}} }
          "*": {auth: {username: all, password: {{Word}}-all} }
        """);

    /// <summary>API responses for a Secret named <c>json</c> and one named <c>cfg</c>.</summary>
    public JsonObject Secret(string name) => new()
    {
        ["kind"] = "Secret",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["type"] = name == "json" ? "kubernetes.io/dockerconfigjson" : "kubernetes.io/dockercfg",
        ["data"] = name == "json"
            ? new JsonObject { [".dockerconfigjson"] = Base64(DockerConfigJson) }
            : new JsonObject { [".dockercfg"] = Base64(DockerCfg) },
    };

    /// <summary>A registry that rejects or accepts all accounts, and has secrets in all text of its responses.</summary>
    public static Rule[] Rules(bool opens) =>
    [
        .. opens
            ? new[] { new Rule("GET " + ScriptedRegistry.Path, $"Bearer {Word}-token", Reply.Content()), new Rule("HEAD " + ScriptedRegistry.Path, $"Bearer {Word}-token", Reply.Served()) }
            : [],
        Rule.For("GET " + ScriptedRegistry.Path, Challenge()),
        Rule.For("HEAD " + ScriptedRegistry.Path, Challenge()),
        Rule.For("POST /token", new Reply(400) { Body = $$"""{"error":"{{Word}}-error"}""" }),
        Rule.For("GET /token", Reply.Token($$"""{"token":"{{Word}}-token","refresh_token":"{{Word}}-refresh"}""")),
        Rule.For("GET /redirected", new Reply(307, ("Location", $"https://user:{Word}@10.1.2.3/x?signature={Word}"))),
    ];

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>Matches the word, or base64 text that contains it.</summary>
    public static void AssertNowhereIn(string written)
    {
        Assert.DoesNotContain(Word, written, StringComparison.OrdinalIgnoreCase);
        var position = written.AsSpan().IndexOfAny(Encoded);
        Assert.True(position < 0, position < 0 ? "" : $"encoded, in: {written[Math.Max(0, position - 100)..Math.Min(written.Length, position + 100)]}");
    }

    public void Dispose() => folder.Dispose();

    // The base64 of the word at each of the three possible offsets, without the characters that also depend on neighbouring bytes.
    private static readonly System.Buffers.SearchValues<string> Encoded = System.Buffers.SearchValues.Create(
        [Base64(Word), Base64("." + Word)[2..^3], Base64(".." + Word)[3..^2]], StringComparison.Ordinal);

    private static Reply Challenge() => Reply.Challenge(ScriptedRegistry.Bearer()) with { Body = $$"""{"errors":[{"message":"{{Word}}-body"}]}""" };

    private static string Print(string text) => $"printf '%s' '{text}'";

    private string Answer(string name) => new JsonObject
    {
        ["kind"] = "CredentialProviderResponse",
        ["apiVersion"] = "credentialprovider.kubelet.k8s.io/v1",
        ["cacheKeyType"] = "Registry",
        ["auth"] = new JsonObject
        {
            [Registry] = new JsonObject { ["username"] = "plugin", ["password"] = $"{Word}-{name}" },
            [Registry + "/x"] = new JsonObject { ["password"] = Word },
        },
    }.ToJsonString();
}
