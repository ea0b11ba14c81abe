using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Kubernetes.Nodes;
using ImageUpdater.Kubernetes.Objects;
using ImageUpdater.Kubernetes.Workloads;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>
/// Every call to a real API server, in a new namespace. Workloads have no replicas, so a control plane is enough. Requires
/// IMAGE_UPDATER_TEST_KUBECONFIG, a kubeconfig of a test cluster.
/// </summary>
public sealed partial class RealClusterTests : IAsyncLifetime
{
    private static readonly string? Kubeconfig = Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_KUBECONFIG");

    private readonly string @namespace = "image-updater-test-" + Guid.NewGuid().ToString("n")[..8];
    private ClusterClient client = null!;
    private HttpClient raw = null!;

    public async ValueTask InitializeAsync()
    {
        if (string.IsNullOrEmpty(Kubeconfig))
            return;

        var connection = Connections.Require(KubernetesConnection.Load(Kubeconfig, context: null, Connections.NoEnvironment));
        client = new ClusterClient(connection, TimeProvider.System, NullLogger<ClusterClient>.Instance);
        var credentials = connection.CreateCredentials(TimeProvider.System, NullLogger.Instance);
        var credential = Connections.Require(await credentials.GetAsync(CancellationToken.None));
        raw = new HttpClient(Connections.Handler(connection, credential.Certificate)) { BaseAddress = connection.Endpoint.Server };
        raw.DefaultRequestHeaders.Authorization = credential.Authorization;
        await CreateAsync("/api/v1/namespaces", $$"""{"metadata":{"name":"{{@namespace}}"} }""");
    }

    public async ValueTask DisposeAsync()
    {
        if (raw is null)
            return;

        await raw.DeleteAsync($"/api/v1/namespaces/{@namespace}");
        raw.Dispose();
        client.Dispose();
    }

    [Fact]
    public async Task CreateEvent_SentTwice_IsStoredBesideTheWorkloadOnce()
    {
        await CreateWorkloadAsync(WorkloadKind.Deployment, "web", enabled: "true");
        var web = await GetAsync("web");
        var source = new WorkloadEvent(
            web.Key, web.Uid, WorkloadEventType.Warning, "RolloutFailed", "Restart", new string('é', 3000), TimeProvider.System.GetUtcNow());

        var name = Connections.Require(await client.CreateEventAsync(source, CancellationToken.None));

        var stored = JsonNode.Parse(await raw.GetStringAsync($"apis/events.k8s.io/v1/namespaces/{@namespace}/events/{name}"))!;
        Assert.Equal(("web", web.Uid), ((string?)stored["regarding"]!["name"], (string?)stored["regarding"]!["uid"]));
        Assert.Equal("image-updater", (string?)stored["reportingController"]);

        Assert.Equal(name, Connections.Require(await client.CreateEventAsync(source, CancellationToken.None)));
        Assert.NotEqual(name, Connections.Require(await client.CreateEventAsync(source with { Note = "something else" }, CancellationToken.None)));
        var all = JsonNode.Parse(await raw.GetStringAsync($"apis/events.k8s.io/v1/namespaces/{@namespace}/events"))!["items"]!.AsArray();
        Assert.Equal(2, all.Count(item => (string?)item!["reportingController"] == "image-updater"));
    }

    [Fact]
    public async Task Secrets_AndServiceAccounts_AreRead()
    {
        SkipWithoutCluster();
        var config = Convert.ToBase64String("""{"auths":{}}"""u8);
        await CreateAsync(
            $"/api/v1/namespaces/{@namespace}/secrets",
            $$$"""{"metadata":{"name":"regcred"},"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"{{{config}}}"}}""");
        await CreateAsync(
            $"/api/v1/namespaces/{@namespace}/serviceaccounts",
            """{"metadata":{"name":"robot"},"imagePullSecrets":[{"name":"regcred"}]}""");

        var secret = Connections.Require(await client.GetPullSecretAsync(@namespace, "regcred", CancellationToken.None));
        var names = Connections.Require(await client.GetServiceAccountPullSecretsAsync(@namespace, "robot", CancellationToken.None));

        Assert.Equal("""{"auths":{}}""", Encoding.UTF8.GetString(secret.Data.Span));
        Assert.Equal(["regcred"], names);
    }

    [Fact]
    public async Task Load_InCluster_IsTheServiceAccount()
    {
        SkipWithoutCluster();
        await CreateAsync($"/api/v1/namespaces/{@namespace}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        var request = await CreateAsync(
            $"api/v1/namespaces/{@namespace}/serviceaccounts/robot/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""");
        using var folder = new TestFolder();
        folder.Write("token", (string)request["status"]!["token"]!);
        folder.Write("ca.crt", string.Join('\n', client.Connection.Endpoint.Roots!.Select(root => root.ExportCertificatePem())));
        var server = client.Connection.Endpoint.Server;
        var environment = Connections.Environment(("KUBERNETES_SERVICE_HOST", server.Host), ("KUBERNETES_SERVICE_PORT", $"{server.Port}"));

        var connection = Connections.Require(KubernetesConnection.Load(null, null, environment, folder.Path));
        using var inCluster = new ClusterClient(connection, TimeProvider.System, NullLogger<ClusterClient>.Instance);
        var failure = (await inCluster.ListEnabledWorkloadsAsync(WorkloadKind.Deployment, null, CancellationToken.None)).Failure!;

        Assert.Equal(KubernetesFailureKind.Forbidden, failure.Kind);
        Assert.StartsWith(
            $"deployments.apps is forbidden: User \"system:serviceaccount:{@namespace}:robot\" cannot list", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PodsAndNodes_AreListed()
    {
        await CreateWorkloadAsync(WorkloadKind.Deployment, "web", enabled: "true");
        var web = await GetAsync("web");

        Assert.Equal("app=web,!legacy,app in (other,web)", web.PodSelector);
        Assert.Empty(Connections.Require(await client.ListPodsAsync(@namespace, web.PodSelector, CancellationToken.None)));
        Assert.NotEmpty(Connections.Require(await client.ListNodesAsync(CancellationToken.None)).Items);
    }

    [Fact]
    public async Task List_MoreThanAPage_FindsAll()
    {
        SkipWithoutCluster();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 620),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (number, _) => await CreateWorkloadAsync(WorkloadKind.DaemonSet, $"w{number}", enabled: number % 100 == 0 ? "true" : "no"));

        var found = Connections.Require(await client.ListEnabledWorkloadsAsync(WorkloadKind.DaemonSet, @namespace, CancellationToken.None)).Items;

        Assert.Equal(["w0", "w100", "w200", "w300", "w400", "w500", "w600"], found.Select(workload => workload.Key.Name));
    }

    [Fact]
    public async Task Watch_ReportsWhatALaterListReturns()
    {
        await CreateWorkloadAsync(WorkloadKind.Deployment, "first", enabled: "true");
        await using var informer = new Informer<WorkloadSnapshot>(Watched.Workloads(client, WorkloadKind.Deployment, @namespace), () => { }, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(["first"], await NamesAsync());
        await Eventually.HoldsAsync("the watch is open", () => Task.FromResult(informer.IsLive));

        await CreateWorkloadAsync(WorkloadKind.Deployment, "second", enabled: "true");
        await CreateWorkloadAsync(WorkloadKind.Deployment, "third", enabled: "no");
        await PatchAsync(() => GetAsync("third"), _ => $$$"""{"metadata":{"annotations":{"{{{Annotations.Enabled}}}":"true"} } }""");
        await PatchAsync(() => GetAsync("first"), _ => $$$"""{"metadata":{"annotations":{"{{{Annotations.Enabled}}}":null} } }""");
        await Eventually.HoldsAsync("all of it was told", async () => string.Join(',', await NamesAsync()) == "second,third");
        Assert.Equal((await GetAsync("third")).TemplateFingerprint, Connections.Require(await informer.ReadAsync(CancellationToken.None)).Items.Single(workload => workload.Key.Name == "third").TemplateFingerprint);

        await raw.DeleteAsync($"{WorkloadPath.Of(WorkloadKind.Deployment, @namespace)}/second");
        await Eventually.HoldsAsync("the end was told", async () => string.Join(',', await NamesAsync()) == "third");
        Assert.True(informer.IsLive);

        async Task<IEnumerable<string>> NamesAsync() =>
            Connections.Require(await informer.ReadAsync(CancellationToken.None)).Items.Select(workload => workload.Key.Name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task WatchNodes_ReportsTheFirstNodeOfAPlatform()
    {
        SkipWithoutCluster();
        var news = 0;
        await using var informer = new Informer<NodeSnapshot>(Watched.Nodes(client), () => Interlocked.Increment(ref news), TimeProvider.System, NullLogger.Instance);
        Assert.DoesNotContain("mips", await ArchitecturesAsync());
        await Eventually.HoldsAsync("the watch is open", () => Task.FromResult(informer.IsLive));

        await CreateAsync("/api/v1/nodes", $$$"""{"metadata":{"name":"{{{@namespace}}}","labels":{"kubernetes.io/os":"linux","kubernetes.io/arch":"mips"} } }""");
        await Eventually.HoldsAsync("its platform is known", async () => (await ArchitecturesAsync()).Contains("mips"));
        await Eventually.HoldsAsync("that is news", () => Task.FromResult(Volatile.Read(ref news) == 1));
        await raw.DeleteAsync($"/api/v1/nodes/{@namespace}");
        await Eventually.HoldsAsync("its platform is gone", async () => !(await ArchitecturesAsync()).Contains("mips"));
        await Eventually.HoldsAsync("that is news, too", () => Task.FromResult(Volatile.Read(ref news) == 2));
        Assert.True(informer.IsLive);

        async Task<List<string?>> ArchitecturesAsync() =>
            [.. Connections.Require(await informer.ReadAsync(CancellationToken.None)).Items.Select(node => node.Platform?.Architecture)];
    }

    // A version from the future is no error: the server waits silently until it is reached. The informer's limit on silence handles that.
    [Fact]
    public async Task Watch_FromAVersionThatIsNone_Fails()
    {
        SkipWithoutCluster();
        Assert.NotNull(await client.WatchWorkloadsAsync(WorkloadKind.Deployment, @namespace, "nonsense", () => { }, _ => { }, CancellationToken.None));
    }

    private static void SkipWithoutCluster() =>
        Assert.SkipWhen(string.IsNullOrEmpty(Kubeconfig), "IMAGE_UPDATER_TEST_KUBECONFIG names no cluster");

    private async Task<WorkloadSnapshot> GetAsync(string name)
    {
        var key = new WorkloadKey(@namespace, WorkloadKind.Deployment, name);
        return Connections.Require(await client.GetWorkloadAsync(key, CancellationToken.None));
    }

    // A controller updates the status in between, as in any rollout: read and patch again.
    private async Task<(WorkloadSnapshot Before, string Patch, WorkloadSnapshot After)> PatchAsync(
        Func<Task<WorkloadSnapshot>> read, Func<WorkloadSnapshot, string> make)
    {
        while (true)
        {
            var before = await read();
            var patch = make(before);
            var result = await client.PatchWorkloadAsync(before.Key, patch, CancellationToken.None);
            if (result.Failure?.Kind != KubernetesFailureKind.Conflict)
                return (before, patch, Connections.Require(result));
        }
    }

    // The DaemonSet's node selector matches no node.
    private async Task CreateWorkloadAsync(WorkloadKind kind, string name, string enabled, string finalizers = "")
    {
        SkipWithoutCluster();
        await CreateAsync(WorkloadPath.Of(kind, @namespace), $$$"""
            {
              "metadata": {"name": "{{{name}}}", "finalizers": [{{{finalizers}}}], "annotations": {"{{{Annotations.Enabled}}}": "{{{enabled}}}"} },
              "spec": {
                {{{(kind == WorkloadKind.DaemonSet ? "" : "\"replicas\": 0,")}}}
                "selector": {
                  "matchLabels": {"app": "{{{name}}}"},
                  "matchExpressions": [
                    {"key": "legacy", "operator": "DoesNotExist"}, {"key": "app", "operator": "In", "values": ["other", "{{{name}}}"]}
                  ]
                },
                "template": {
                  "metadata": {"labels": {"app": "{{{name}}}"} },
                  "spec": {
                    "nodeSelector": {"image-updater-test": "none"},
                    "initContainers": [{"name": "setup", "image": "a.example/setup:1"}],
                    "containers": [{"name": "app", "image": "a.example/app:1"}, {"name": "side", "image": "a.example/side:1"}]
                  }
                }
              }
            }
            """);
    }

    private async Task<JsonNode> CreateAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await raw.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        return JsonNode.Parse(answer)!;
    }
}
