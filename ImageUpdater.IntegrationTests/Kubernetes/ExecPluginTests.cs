using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Workloads;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class ExecPluginTests : IDisposable
{
    private static readonly WorkloadKey Web = new("a", WorkloadKind.Deployment, "web");
    private static readonly RequestDelegate NotFound = ScriptedApi.Status(404, "NotFound", "not found");

    private readonly TestFolder folder = new();
    private readonly ScriptedTime time = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Get_Plugin_GetsArgumentsEnvironmentAndClusterInfo()
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        var plugin = folder.WriteScript("plugin", $$$"""
            printf '%s' "$KUBERNETES_EXEC_INFO" > {{{folder.Path}}}/info
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s-%s"}}' "$1" "$SUFFIX"
            """);
        var extension = "extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: abc, n: 5, on: true}}]";
        var user = Exec(plugin, more: "args: ['first'], env: [{name: SUFFIX, value: x}], interactiveMode: Never, provideClusterInfo: true");
        using var client = Connections.Client(Connections.Load(Connections.Yaml(api.Address, extension, user)), time);

        await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(["Bearer first-x"], Sent(api));
        var info = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "info")))!;
        var expected = JsonNode.Parse($$$"""
            {
              "apiVersion": "client.authentication.k8s.io/v1",
              "kind": "ExecCredential",
              "spec": {
                "interactive": false,
                "cluster": {"server": "{{{api.Address}}}", "config": {"audience": "abc", "n": 5, "on": true}}
              }
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, info), info.ToJsonString());
    }

    [Fact]
    public async Task Get_TokenWithExpiry_IsKeptUntilThen()
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, Exec(Counting(""","expirationTimestamp":"2026-11-22T10:05:00Z" """), apiVersion: "v1beta1"));

        await client.GetWorkloadAsync(Web, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(4));
        await client.GetWorkloadAsync(Web, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(["Bearer run-1", "Bearer run-1", "Bearer run-2"], Sent(api));
    }

    [Fact]
    public async Task Get_TokenIsRefused_RunsThePluginAgain()
    {
        await using var api = await ScriptedApi.StartAsync(
            context => (context.Request.Headers.Authorization == "Bearer run-2" ? NotFound : ScriptedApi.Status(401, "Unauthorized", "no"))(context));
        using var client = ClientOf(api, Exec(Counting(), apiVersion: "v1beta1"));

        var result = await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.NotFound, result.Failure!.Kind);
        Assert.Equal(["Bearer run-1", "Bearer run-2"], Sent(api));
    }

    [Fact]
    public async Task Get_ManyAtOnce_RunThePluginOnce()
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, Exec(Counting(), apiVersion: "v1beta1"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetWorkloadAsync(Web, CancellationToken.None)));

        Assert.Equal(["Bearer run-1"], Sent(api).Distinct());
    }

    [Fact]
    public async Task Get_PluginGivesACertificate_IsPresented()
    {
        var authority = new TestAuthority();
        string? subject = null;
        await using var api = await ScriptedApi.StartAsync(
            context =>
            {
                subject = context.Connection.ClientCertificate?.Subject;
                return NotFound(context);
            },
            authority.AskForClients());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var status = new JsonObject
        {
            ["clientCertificateData"] = authority.Client("from-plugin", key).ExportCertificatePem(),
            ["clientKeyData"] = key.ExportECPrivateKeyPem(),
        };
        folder.Write("answer", Answer(status));
        var user = Exec(folder.WriteScript("plugin", $"cat {folder.Path}/answer"), more: "interactiveMode: IfAvailable");
        using var client = Connections.Client(
            Connections.Load(Connections.Yaml(api.Address, $"certificate-authority-data: {authority.PemBase64}", user)), time);

        await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal("CN=from-plugin", subject);
    }

    [Fact]
    public async Task Get_PluginGivesAnotherCertificate_ClosesTheFormerConnectionAfterItsLastCall()
    {
        var authority = new TestAuthority();
        var (entered, end, closed) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var api = await ScriptedApi.StartAsync(
            async context =>
            {
                if (context.Connection.ClientCertificate!.Subject == "CN=first")
                {
                    context.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed.Register(closed.SetResult);
                    entered.SetResult();
                    await end.Task;
                }

                await NotFound(context);
            },
            authority.AskForClients());
        var user = Exec(folder.WriteScript("plugin", $"cat {folder.Path}/answer"));
        using var client = Connections.Client(
            Connections.Load(Connections.Yaml(api.Address, $"certificate-authority-data: {authority.PemBase64}", user)), time);

        WriteAnswer("first", until: time.GetUtcNow().AddSeconds(20));
        var first = client.GetWorkloadAsync(Web, CancellationToken.None);
        await entered.Task;
        WriteAnswer("second", until: time.GetUtcNow().AddHours(1));
        time.Advance(TimeSpan.FromSeconds(20));
        var second = await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.NotFound, second.Failure!.Kind);
        Assert.False(closed.Task.IsCompleted);
        end.SetResult();
        Assert.Equal(KubernetesFailureKind.NotFound, (await first).Failure!.Kind);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20));

        void WriteAnswer(string name, DateTimeOffset until)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            folder.Write("answer", Answer(new JsonObject
            {
                ["clientCertificateData"] = authority.Client(name, key).ExportCertificatePem(),
                ["clientKeyData"] = key.ExportECPrivateKeyPem(),
                ["expirationTimestamp"] = until.ToString("O"),
            }));
        }
    }

    [Theory]
    [InlineData("echo 'please sign in first' >&2; exit 3", "exited with code 3: please sign in first")]
    [InlineData("echo not json", "did not print an ExecCredential")]
    [InlineData("echo '{\"kind\":\"Other\"}'", "did not print an ExecCredential with a status")]
    [InlineData(
        "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}'",
        "returned apiVersion 'client.authentication.k8s.io/v1beta1', but the kubeconfig sets 'client.authentication.k8s.io/v1'")]
    [InlineData(
        "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{}}'",
        "returned neither a token nor a client certificate")]
    public async Task Get_PluginFails_SaysWhy(string script, string message)
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, Exec(folder.WriteScript("plugin", script), more: "interactiveMode: Never"));

        var failure = (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!;

        Assert.Equal(KubernetesFailureKind.Unauthorized, failure.Kind);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Get_PluginComplainsAtLength_IsBounded()
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        var plugin = folder.WriteScript("plugin", "i=0; while [ $i -lt 3000 ]; do echo 'a long complaint about nothing' >&2; i=$((i+1)); done; exit 1");
        using var client = ClientOf(api, Exec(plugin, more: "interactiveMode: Never"));

        var failure = (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!;

        Assert.InRange(failure.Message.Length, 300, 600);
    }

    [Fact]
    public async Task Get_PluginThatHangs_LeavesNoProcessBehind()
    {
        Requirement.Linux();
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, Exec(folder.WriteScript("plugin", LeftProcesses.Script(folder.Path) + $"echo x > {folder.Path}/ready; exit 0"), more: "interactiveMode: Never"));

        var get = client.GetWorkloadAsync(Web, CancellationToken.None);
        await Eventually.HoldsAsync("the plugin runs", () => Task.FromResult(File.Exists(Path.Combine(folder.Path, "ready"))));
        time.Advance(TimeSpan.FromMinutes(2));

        Assert.EndsWith("timed out", (await get).Failure!.Message, StringComparison.Ordinal);
        var left = LeftProcesses.Of(folder.Path);
        Assert.Equal(3, left.Count);
        await Eventually.HoldsAsync("no process is left", () => Task.FromResult(!left.Any(LeftProcesses.IsRunning)));
    }

    [Fact]
    public async Task Get_Plugin_GetsNoAccountsOfRegistries()
    {
        // Nothing of this program reads the variable, so that it disturbs no other test.
        Environment.SetEnvironmentVariable("DOCKER_AUTH_CONFIG", """{"auths":{}}""");
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, Exec(folder.WriteScript("plugin", $"env > {folder.Path}/env; exit 1"), more: "interactiveMode: Never, env: [{name: OF_ITS_OWN, value: x}]"));

        await client.GetWorkloadAsync(Web, CancellationToken.None);

        var names = (await File.ReadAllLinesAsync(Path.Combine(folder.Path, "env"))).Select(line => line.Split('=')[0]).ToList();
        Assert.DoesNotContain("DOCKER_AUTH_CONFIG", names);
        Assert.Contains("PATH", names);
        Assert.Contains("OF_ITS_OWN", names);
    }

    [Fact]
    public async Task Get_PluginIsNotInstalled_GivesTheHint()
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, Exec("image-updater-no-such-plugin", more: "interactiveMode: Never, installHint: install it with apt"));

        var failure = (await client.GetWorkloadAsync(Web, CancellationToken.None)).Failure!;

        Assert.Contains("of user 'u' could not be started: ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(". install it with apt", failure.Message, StringComparison.Ordinal);
    }

    private static string Answer(JsonObject status) => new JsonObject
    {
        ["apiVersion"] = "client.authentication.k8s.io/v1",
        ["kind"] = "ExecCredential",
        ["status"] = status,
    }.ToJsonString();

    // Each token contains the number of runs so far.
    private string Counting(string status = "") => folder.WriteScript("plugin", $$$"""
        echo x >> {{{folder.Path}}}/runs
        printf '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"run-%s"{{{status}}}}}' $(grep -c x {{{folder.Path}}}/runs)
        """);

    private static string Exec(string command, string apiVersion = "v1", string more = "interactiveMode: Never") =>
        $$$"""exec: {command: "{{{command}}}", apiVersion: client.authentication.k8s.io/{{{apiVersion}}}, {{{more}}}}""";

    private ClusterClient ClientOf(ScriptedApi api, string user) =>
        Connections.Client(Connections.Load(Connections.Yaml(api.Address, user: user)), time);

    private static IEnumerable<string> Sent(ScriptedApi api) => api.Requests.Select(request => request.Headers.Authorization.ToString());
}
