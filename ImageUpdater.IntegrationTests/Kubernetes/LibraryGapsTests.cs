using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Kubernetes.Objects;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>
/// Defects of KubernetesClient, and our workaround for each. Each test first shows the defect in the library alone: once it is fixed
/// upstream, that part fails, and the workaround can be removed.
/// </summary>
public sealed class LibraryGapsTests : IDisposable
{
    private const string SecretJson = """{"kind":"Secret","type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"e30="}}""";

    private static readonly TestAuthority Authority = new();
    private static readonly WorkloadKey Web = new("team-a", WorkloadKind.Deployment, "web");
    private static readonly RequestDelegate Secret = ScriptedApi.Json(SecretJson);

    private readonly TestFolder folder = new();
    private readonly ScriptedTime time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ServerCertificate_ForAnotherHost_IsRefused()
    {
        await using var api = await ScriptedApi.StartAsync(Secret, https => https.ServerCertificate = Authority.Server("other.example.com"));
        var yaml = Connections.Yaml(api.Address, $"certificate-authority-data: {Authority.PemBase64}");

        await AskLibraryAsync(yaml);
        StillWrong(api.Requests.Count == 1, "ServerTrust in ClusterEndpoint (the server's host name)");

        Assert.Equal(KubernetesFailureKind.Unreachable, (await AskAsync(yaml)).Failure!.Kind);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Impersonation_IsSent()
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var yaml = Connections.Yaml(api.Address, user: "token: abc, as: jane");

        await AskLibraryAsync(yaml);
        StillWrong(api.Requests.Last().Headers["Impersonate-User"].Count == 0, nameof(ImpersonationHandler));

        await AskAsync(yaml);
        Assert.Equal("jane", api.Requests.Last().Headers["Impersonate-User"]);
    }

    [Fact]
    public async Task ImpersonatedGroups_AreSentOnePerLine()
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var yaml = Connections.Yaml(api.Address, user: "token: abc, as: jane, as-groups: [dev, ops]");

        await AskLibraryAsync(yaml);
        StillWrong(api.Requests.Last().Headers["Impersonate-Group"].Count != 2, nameof(HeaderLines));

        await AskAsync(yaml);
        Assert.Equal(["dev", "ops"], (IEnumerable<string?>)api.Requests.Last().Headers["Impersonate-Group"]);
    }

    [Fact]
    public void Context_IsFoundByItsExactName()
    {
        var path = folder.Write("config", """
            apiVersion: v1
            kind: Config
            current-context: PROD
            clusters: [{name: one, cluster: {server: "http://one"}}, {name: two, cluster: {server: "http://two"}}]
            users: [{name: u, user: {token: t}}]
            contexts: [{name: PROD, context: {cluster: one, user: u}}, {name: prod, context: {cluster: two, user: u}}]
            """);

        StillWrong(KubernetesClientConfiguration.BuildConfigFromConfigFile(path, "prod").Host == "http://one", "the contexts of KubeConfig");

        Assert.Equal("two", Connections.Require(KubernetesConnection.Load(path, "prod", Connections.NoEnvironment)).Endpoint.Server.Host);
    }

    [Fact]
    public async Task ProxyUrl_IsAskedThrough()
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var yaml = Connections.Yaml(api.Address, "proxy-url: 'http://127.0.0.1:1'");

        await AskLibraryAsync(yaml);
        StillWrong(api.Requests.Count == 1, "the proxy of ClusterEndpoint");

        Assert.Equal(KubernetesFailureKind.Unreachable, (await AskAsync(yaml)).Failure!.Kind);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task TokenFile_WinsOverATokenBesideIt()
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var yaml = Connections.Yaml(api.Address, user: $"token: stale, tokenFile: '{folder.Write("token", "fresh")}'");

        await AskLibraryAsync(yaml);
        StillWrong(api.Requests.Last().Headers.Authorization == "Bearer stale", "TokenFileCredential");

        await AskAsync(yaml);
        Assert.Equal("Bearer fresh", api.Requests.Last().Headers.Authorization);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tokenFile: TOKEN")]
    public async Task User_AnonymousOrWithATokenFile_IsTaken(string user)
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var yaml = Connections.Yaml(api.Address, user: user.Replace("TOKEN", folder.Write("token", "abc"), StringComparison.Ordinal));

        StillWrong(await Record.ExceptionAsync(() => AskLibraryAsync(yaml)) is KubeConfigException, "KubernetesConnection.CreateCredentials");

        Connections.Require(await AskAsync(yaml));
    }

    [Fact]
    public async Task ExecPlugin_RunsOnceWithItsArgumentsAndTheKind()
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var plugin = folder.WriteScript("plugin", $$$"""
            echo "$#" >> {{{folder.Path}}}/runs
            echo "$KUBERNETES_EXEC_INFO" > {{{folder.Path}}}/info
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
            """);
        var yaml = Connections.Yaml(api.Address, user: Exec(plugin, "args: ['one word']"));

        await AskLibraryAsync(yaml);
        StillWrong(Written("runs") is ["2", "2", ..] && Written("info")[0].Contains("\"ExecCredentials\"", StringComparison.Ordinal), "ExecPlugin");
        File.Delete(Path.Combine(folder.Path, "runs"));

        Connections.Require(await AskAsync(yaml));
        Assert.Equal(["1"], Written("runs"));
        Assert.Contains("\"ExecCredential\"", Written("info")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecPlugin_OfCallsAtOnce_RunsOnce()
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var plugin = folder.WriteScript("plugin", $$$"""
            echo x >> {{{folder.Path}}}/runs
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}'
            """);
        var yaml = Connections.Yaml(api.Address, user: Exec(plugin, "args: []"));

        using (var library = Library(yaml))
        {
            // Its constructor has run the plugin already.
            File.Delete(Path.Combine(folder.Path, "runs"));
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => library.CoreV1.ReadNamespacedSecretAsync("regcred", "team-a")));
        }

        StillWrong(Written("runs").Length > 1, "the gate of ExecCredential");
        File.Delete(Path.Combine(folder.Path, "runs"));

        using var client = Connections.Client(Connections.Load(yaml), time);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetPullSecretAsync("team-a", "regcred", CancellationToken.None)));
        Assert.Single(Written("runs"));
    }

    [Fact]
    public async Task ExecPlugin_ItsCertificateExpires_AnotherIsSent()
    {
        List<string> sent = [];
        await using var api = await ScriptedApi.StartAsync(
            context =>
            {
                sent.Add(context.Connection.ClientCertificate!.Subject);
                return Secret(context);
            },
            Authority.AskForClients());
        var plugin = folder.WriteScript("plugin", $"cat {folder.Path}/answer");
        var yaml = Connections.Yaml(api.Address, $"certificate-authority-data: {Authority.PemBase64}", Exec(plugin, "args: []"));

        WriteAnswer("first");
        using (var library = Library(yaml))
        {
            await library.CoreV1.ReadNamespacedSecretAsync("regcred", "team-a");
            WriteAnswer("second");
            await library.CoreV1.ReadNamespacedSecretAsync("regcred", "team-a");
        }

        StillWrong(sent is ["CN=first", "CN=first"], nameof(ApiConnections));
        sent.Clear();

        using var client = Connections.Client(Connections.Load(yaml), time);
        Connections.Require(await client.GetPullSecretAsync("team-a", "regcred", CancellationToken.None));
        WriteAnswer("third");
        Connections.Require(await client.GetPullSecretAsync("team-a", "regcred", CancellationToken.None));
        Assert.Equal(["CN=second", "CN=third"], sent);

        // Expired from the start, by any clock.
        void WriteAnswer(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            folder.Write("answer", new JsonObject
            {
                ["apiVersion"] = "client.authentication.k8s.io/v1",
                ["kind"] = "ExecCredential",
                ["status"] = new JsonObject
                {
                    ["clientCertificateData"] = Authority.Client(name, key).ExportCertificatePem(),
                    ["clientKeyData"] = key.ExportPkcs8PrivateKeyPem(),
                    ["expirationTimestamp"] = "2020-01-01T00:00:00Z",
                },
            }.ToJsonString());
        }
    }

    [Fact]
    public async Task ExecPlugin_TokenIsRefused_RunsAgain()
    {
        await using var api = await ScriptedApi.StartAsync(
            context => (context.Request.Headers.Authorization == "Bearer fresh" ? Secret : ScriptedApi.Status(401, "Unauthorized", "no"))(context));
        // The library runs the plugin twice before the first request.
        var plugin = folder.WriteScript("plugin", $$$"""
            echo x >> {{{folder.Path}}}/runs
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$([ $(wc -l < {{{folder.Path}}}/runs) -gt $STALE ] && echo fresh || echo stale)'"}}'
            """);
        string Yaml(int stale) => Connections.Yaml(api.Address, user: Exec(plugin, $"env: [{{name: STALE, value: '{stale}'}}]"));

        StillWrong(await Record.ExceptionAsync(() => AskLibraryAsync(Yaml(stale: 2))) is HttpOperationException, "MayRenew in RetryRules");
        File.Delete(Path.Combine(folder.Path, "runs"));

        Connections.Require(await AskAsync(Yaml(stale: 1)));
    }

    [Fact]
    public async Task ClientCertificate_IsSentWithItsIntermediates()
    {
        var sent = 0;
        await using var api = await ScriptedApi.StartAsync(Secret, https =>
        {
            https.ServerCertificate = Authority.Server();
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (_, chain, _) =>
            {
                sent = chain!.ChainPolicy.ExtraStore.Count;
                return true;
            };
        });
        var intermediate = new TestAuthority("intermediate", signedBy: Authority);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificates = TestAuthority.Base64(intermediate.Client("jane", key).ExportCertificatePem() + "\n" + intermediate.Pem);
        var yaml = Connections.Yaml(
            api.Address,
            $"certificate-authority-data: {Authority.PemBase64}",
            $"client-certificate-data: {certificates}, client-key-data: {TestAuthority.Base64(key.ExportPkcs8PrivateKeyPem())}");

        await AskLibraryAsync(yaml);
        var byLibrary = sent;
        Connections.Require(await AskAsync(yaml));

        StillWrong(byLibrary < sent, "ClientCertificate in ClusterEndpoint");
        Assert.Equal(1, sent - byLibrary);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task RetryAfter_IsObeyed(int status)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            ScriptedApi.Status(status, "Busy", "busy", "1"), ScriptedApi.Status(status, "Busy", "busy", "1"), Secret));
        var yaml = Connections.Yaml(api.Address);

        StillWrong(await Record.ExceptionAsync(() => AskLibraryAsync(yaml)) is HttpOperationException, "AskedToWait in RetryRules");

        Connections.Require(await AskAsync(yaml));
        Assert.Equal([TimeSpan.FromSeconds(1)], time.Pauses);
    }

    [Fact]
    public async Task BrokenConnection_OfARead_IsTriedAgain()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(ScriptedApi.HangUp, ScriptedApi.HangUp, Secret));
        var yaml = Connections.Yaml(api.Address);

        StillWrong(await Record.ExceptionAsync(() => AskLibraryAsync(yaml)) is HttpRequestException, "Broke in RetryRules");

        Connections.Require(await AskAsync(yaml));
    }

    [Fact]
    public async Task ErrorBody_OfAnyLength_IsReadWithinBounds()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(new string('x', 1_000_000), 502));
        using var library = Library(Connections.Yaml(api.Address));
        using var ours = new KubernetesApi(Connections.Load(Connections.Yaml(api.Address)), certificate: null, NullLogger.Instance);

        StillWrong(await BodyAsync(library) == 1_000_000, nameof(ErrorBodyHandler));

        Assert.Equal(64 * 1024, await BodyAsync(ours));

        static async Task<int> BodyAsync(k8s.Kubernetes client) =>
            (await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ReadNamespacedSecretAsync("regcred", "team-a"))).Response.Content.Length;
    }

    [Fact]
    public async Task ErrorBody_OfAnUnknownCharset_IsAFailureAllTheSame()
    {
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            context.Response.StatusCode = 403;
            context.Response.ContentType = "text/plain; charset=klingon";
            await context.Response.WriteAsync("no");
        });
        var yaml = Connections.Yaml(api.Address);

        StillWrong(await Record.ExceptionAsync(() => AskLibraryAsync(yaml)) is InvalidOperationException, nameof(ErrorBodyHandler));

        Assert.Equal(KubernetesFailureKind.Forbidden, (await AskAsync(yaml)).Failure!.Kind);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var api = await ScriptedApi.StartAsync(context =>
        {
            if (context.Request.Path == "/elsewhere")
                return Secret(context);
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        var yaml = Connections.Yaml(api.Address);

        await AskLibraryAsync(yaml);
        StillWrong(api.Requests.Last().Path == "/elsewhere", "AllowAutoRedirect in Dialer");

        Assert.Equal(KubernetesFailureKind.InvalidAnswer, (await AskAsync(yaml)).Failure!.Kind);
        Assert.NotEqual("/elsewhere", api.Requests.Last().Path);
    }

    [Fact]
    public async Task Body_ThatStalls_EndsAtTheDeadline()
    {
        var end = new TaskCompletionSource();
        var stalled = new SemaphoreSlim(0);
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            stalled.Release();
            await end.Task;
        });
        var yaml = Connections.Yaml(api.Address);
        using var library = Library(yaml);
        using var stop = new CancellationTokenSource();

        var asked = library.CoreV1.ReadNamespacedSecretAsync("regcred", "team-a", cancellationToken: stop.Token);
        await stalled.WaitAsync();
        // The response has begun and the library is reading its body. Before that, the library can be cancelled.
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        await stop.CancelAsync();
        StillWrong(await Task.WhenAny(asked, Task.Delay(TimeSpan.FromSeconds(1))) != asked, "CreateResultAsync of KubernetesApi");

        var ours = AskAsync(yaml);
        await stalled.WaitAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(KubernetesFailureKind.TimedOut, (await ours).Failure!.Kind);

        end.SetResult();
        await Record.ExceptionAsync(() => asked);
    }

    [Theory]
    [InlineData("../../team-b/secrets/regcred", "/api/v1/namespaces/team-b/secrets/regcred")]
    [InlineData("regcred?watch=true", "/api/v1/namespaces/team-a/secrets/regcred")]
    public async Task Name_ThatIsAPath_ReadsNothing(string name, string path)
    {
        await using var api = await ScriptedApi.StartAsync(Secret);
        var yaml = Connections.Yaml(api.Address);

        await AskLibraryAsync(yaml, name);
        StillWrong(api.Requests.Single().Path == path, nameof(ResourceName));

        var failure = (await AskAsync(yaml, name)).Failure!;
        Assert.Equal(new KubernetesFailure(KubernetesFailureKind.Invalid, $"invalid resource name '{name}'"), failure);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task EventTime_OfAWholeSecond_HasTheFractionThatTheApiAsksFor()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json("""{"kind":"Event"}""", 201));
        var yaml = Connections.Yaml(api.Address);
        var at = new DateTimeOffset(2026, 11, 22, 10, 0, 1, TimeSpan.Zero);

        using (var library = Library(yaml))
            await library.EventsV1.CreateNamespacedEventAsync(new Eventsv1Event { EventTime = at.UtcDateTime }, "team-a");
        StillWrong(api.Requests.Last().Body.Contains("\"2026-11-22T10:00:01Z\"", StringComparison.Ordinal), nameof(MicroTimeConverter));

        using var client = Connections.Client(Connections.Load(yaml), time);
        var told = new WorkloadEvent(Web, "u", WorkloadEventType.Normal, "Restarted", "Restart", "done", at);
        Connections.Require(await client.CreateEventAsync(told, CancellationToken.None));
        Assert.Contains("\"2026-11-22T10:00:01.000000Z\"", api.Requests.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_QuietToItsEnd_IsOpenAtOnceAndEndsInOrder()
    {
        var end = new TaskCompletionSource();
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            await end.Task;
        });
        var yaml = Connections.Yaml(api.Address);
        using var client = Connections.Client(Connections.Load(yaml), time);
        var opened = new TaskCompletionSource();

        var watch = client.WatchWorkloadsAsync(WorkloadKind.Deployment, "team-a", "1", opened.SetResult, _ => { }, CancellationToken.None);
        await opened.Task.WaitAsync(TimeSpan.FromSeconds(10));
        end.SetResult();
        Assert.Null(await watch);

        using var library = Library(yaml);
        var thrown = await Record.ExceptionAsync(async () =>
        {
            await foreach (var _ in library.AppsV1.WatchListNamespacedDeploymentAsync("team-a"))
            {
            }
        });
        StillWrong(thrown is not null, "StreamAsync of KubernetesApi");
    }

    [Fact]
    public async Task WatchLine_IsParsedOnce()
    {
        const int Length = 1_000_000;
        var line = $$$"""{"type":"ADDED","object":{"apiVersion":"{{{new string('x', Length)}}}","kind":"Counted"}}""";

        // Each parse allocates a string of two bytes per character. The first line also fills the pools of buffers.
        var reader = new CountedLines(line, count: 2);
        var ended = new TaskCompletionSource();
        using var watcher = new Watcher<CountedObject>(() => Task.FromResult<TextReader>(reader), (_, _) => { }, _ => { }, ended.SetResult);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        StillWrong(reader.Allocated[1] > 2 * 2 * Length, "StreamAsync of KubernetesApi");

        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(line + "\n" + line));
        using var ours = new KubernetesApi(Connections.Load(Connections.Yaml(api.Address)), certificate: null, NullLogger.Instance);
        var type = (JsonTypeInfo<CountedLine>)JsonSerializerOptions.Web.GetTypeInfo(typeof(CountedLine));
        var lines = 0;
        CountedObject.Parsed = 0;
        await foreach (var _ in ours.StreamAsync("/watch", type, () => { }, new CallHeaders(authorization: null), CancellationToken.None))
            lines++;
        Assert.Equal((2, 2), (lines, CountedObject.Parsed));
    }

    [Fact]
    public async Task PodTemplate_FieldThatNoModelKnows_ChangesTheFingerprint()
    {
        const string Plain = """{"metadata":{"name":"web","namespace":"team-a","uid":"u","resourceVersion":"7"},"spec":{"template":{"spec":{"containers":[],"isNew":1}}}}""";
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            ScriptedApi.Json(Plain), ScriptedApi.Json(Plain), ScriptedApi.Json(Plain.Replace("\"isNew\":1", "\"isNew\":2", StringComparison.Ordinal))));
        var yaml = Connections.Yaml(api.Address);

        using (var library = Library(yaml))
        {
            var read = await library.AppsV1.ReadNamespacedDeploymentAsync("web", "team-a");
            StillWrong(!KubernetesJson.Serialize(read).Contains("isNew", StringComparison.Ordinal), "PodTemplateConverter");
        }

        using var client = Connections.Client(Connections.Load(yaml), time);
        var one = Connections.Require(await client.GetWorkloadAsync(Web, CancellationToken.None));
        var two = Connections.Require(await client.GetWorkloadAsync(Web, CancellationToken.None));
        Assert.NotEqual(one.TemplateFingerprint, two.TemplateFingerprint);
    }

    private static void StillWrong(bool isWrong, string ours) => Assert.True(isWrong, $"KubernetesClient is mended upstream: {ours} can go");

    private static string Exec(string command, string more) =>
        $"exec: {{command: '{command}', apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, {more}}}";

    private string[] Written(string name) => File.ReadAllLines(Path.Combine(folder.Path, name));

    private k8s.Kubernetes Library(string yaml) => new(KubernetesClientConfiguration.BuildConfigFromConfigFile(folder.Write("config", yaml)));

    private async Task AskLibraryAsync(string yaml, string name = "regcred")
    {
        using var library = Library(yaml);
        await library.CoreV1.ReadNamespacedSecretAsync(name, "team-a");
    }

    private sealed record CountedLine(string? Type, CountedObject? Object);

    private sealed class CountedObject
    {
        public static int Parsed { get; set; }

        public string? ApiVersion
        {
            get;
            set
            {
                field = value;
                Parsed++;
            }
        }
    }

    /// <summary>Gives the same line several times, and measures what its reader allocates after each.</summary>
    private sealed class CountedLines(string line, int count) : TextReader
    {
        private long before;
        private int given;

        public List<long> Allocated { get; } = [];

        // The watcher reads, parses and reads again on one thread, since nothing here has to be waited for.
        public override Task<string?> ReadLineAsync()
        {
            if (given > 0)
                Allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            before = GC.GetAllocatedBytesForCurrentThread();
            return Task.FromResult(given++ < count ? line : null);
        }
    }

    private async Task<Core.Result<PullSecret, KubernetesFailure>> AskAsync(string yaml, string name = "regcred")
    {
        using var client = Connections.Client(Connections.Load(yaml), time);
        return await client.GetPullSecretAsync("team-a", name, CancellationToken.None);
    }
}
