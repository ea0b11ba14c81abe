using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster;
using ImageUpdater.Sandbox.Cluster.Nodes;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Patching;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Http;

namespace ImageUpdater.Sandbox;

/// <summary>
/// A small Kubernetes on loopback, in this process: an API server, a controller that rolls workloads out, and nodes
/// that pull images. Members that change something throw when the API would refuse. Kinds go by any of their names:
/// <c>deployments</c>, <c>deployment</c>, <c>Deployment</c>, <c>deploy</c>.
/// </summary>
public sealed class SandboxCluster : IAsyncDisposable
{
    private readonly ClusterParts parts;
    private readonly LoopbackServer server;
    private readonly X509Certificate2? certificate;
    private readonly string? token;

    private SandboxCluster(ClusterParts parts, LoopbackServer server, RequestLog requests, FaultSet<ClusterFault> faults, X509Certificate2? certificate, string? token)
    {
        this.parts = parts;
        this.server = server;
        this.certificate = certificate;
        this.token = token;
        Requests = requests;
        Faults = faults;
    }

    public Uri ApiUrl => server.Url;

    /// <summary>With the first of the cluster's tokens, where it has any.</summary>
    public string Kubeconfig => Cluster.Kubeconfig.Write(ApiUrl, token, certificate?.ExportCertificatePem());

    public RequestLog Requests { get; }

    public FaultSet<ClusterFault> Faults { get; }

    public RolloutLog Rollouts => parts.Rollouts;

    /// <summary>The verbs that nobody has. Can be set while the cluster runs.</summary>
    public IReadOnlyList<ForbiddenVerb> Forbidden
    {
        get => parts.Access.Forbidden;
        set => parts.Access.Forbidden = value;
    }

    public static async Task<SandboxCluster> StartAsync(SandboxClusterOptions? options = null)
    {
        options ??= new SandboxClusterOptions();
        var made = new ClusterParts(options);
        var requests = new RequestLog(options.RequestLogCapacity);
        var faults = new FaultSet<ClusterFault>(options.Seed);
        var door = new FrontDoor<ClusterFault>(requests, faults, options.TimeProvider, made.Api.HandleAsync);
        X509Certificate2? own = options.Tls ? LoopbackCertificate.Create(options.TimeProvider) : null;
        LoopbackServer serving = await LoopbackServer.StartAsync(options.Port, own, door.HandleAsync);
        var cluster = new SandboxCluster(made, serving, requests, faults, own, options.Tokens.Keys.FirstOrDefault());
        cluster.AddNamespace("default");
        cluster.AddNamespace("kube-system");
        foreach (SandboxNode node in options.Nodes) cluster.AddNode(node);
        return cluster;
    }

    public void WriteKubeconfig(string path) => File.WriteAllText(path, Kubeconfig);

    public void AddNamespace(string name) => Apply(new JsonObject { ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });

    public void AddNode(SandboxNode node) => Done(parts.Writer.Create(ResourceKinds.Nodes, "", NodeFactory.Create(node)));

    public JsonObject Apply(string json) => Apply(JsonNode.Parse(json)!);

    /// <summary>Creates the object, or replaces its metadata and spec. Without a namespace it goes to <c>default</c>.</summary>
    public JsonObject Apply(JsonNode manifest)
    {
        var node = (JsonObject)manifest.DeepClone();
        ResourceKind kind = Kind(node.Text("kind") ?? "");
        string ns = !kind.Namespaced ? "" : node.Text("metadata", "namespace") ?? "default";
        string name = node.Text("metadata", "name") ?? "";
        return Done(parts.Store.Find(kind, ns, name) is null
            ? parts.Writer.Create(kind, ns, node)
            : parts.Writer.Update(kind, ns, name, WriteScope.Resource, (_, _) => (JsonObject)node.DeepClone()));
    }

    public JsonObject? Get(string kind, string ns, string name) => parts.Store.Find(Kind(kind), NamespaceFor(kind, ns), name)?.Read();

    /// <summary>All objects of a kind, or those of a namespace, in the API's order.</summary>
    public IReadOnlyList<JsonObject> List(string kind, string? ns = null) =>
        [.. parts.Store.Snapshot(Kind(kind)).Objects.Values.Where(stored => ns is null || stored.Namespace == ns).Select(stored => stored.Read())];

    /// <summary>A strategic merge patch, as kubectl patch sends it.</summary>
    public JsonObject Patch(string kind, string ns, string name, string patch)
    {
        JsonObject tree = JsonNode.Parse(patch)!.AsObject();
        return Done(parts.Writer.Update(Kind(kind), NamespaceFor(kind, ns), name, WriteScope.Resource, (_, node) => StrategicMerge.Apply(node, tree)));
    }

    /// <summary>Writes any part of an object, its status too, as a controller could.</summary>
    public JsonObject Change(string kind, string ns, string name, Action<JsonObject> change) =>
        Done(parts.Writer.Update(Kind(kind), NamespaceFor(kind, ns), name, WriteScope.Everything, (_, node) =>
        {
            change(node);
            return node;
        }));

    public void Delete(string kind, string ns, string name) => Done(parts.Deleter.Delete(Kind(kind), NamespaceFor(kind, ns), name));

    /// <summary>From now on, containers of this index or manifest crash instead of becoming ready.</summary>
    public void BreakImage(string digest) => parts.Puller.Break(digest);

    /// <summary>Ends all watches, as a restart of the API server does; compacted, older resourceVersions are gone too, and continue tokens.</summary>
    public void EndWatches(bool compact = false)
    {
        if (compact) parts.Continuations.Forget();
        parts.Store.EndWatches(compact);
    }

    /// <summary>Waits until every rollout has ended and every deleted pod is gone.</summary>
    public Task WaitUntilSettledAsync(TimeSpan? timeout = null) => WaitAsync(() => parts.Settled, "the cluster to settle", timeout);

    /// <summary>Waits until the controller has rolled out what the workload's spec says now.</summary>
    public Task WaitForRolloutAsync(string kind, string ns, string name, TimeSpan? timeout = null) =>
        WaitAsync(() => RolledOut(Kind(kind), ns, name), $"the rollout of {ns}/{kind}/{name}", timeout);

    /// <summary>Waits for anything, looking a hundred times a second; a <see cref="TimeoutException"/> after 30 s or the given time.</summary>
    public async Task WaitAsync(Func<bool> condition, string what, TimeSpan? timeout = null)
    {
        TimeProvider time = parts.Timing.Time;
        long start = time.GetTimestamp();
        while (!condition())
        {
            parts.ThrowIfBroken();
            if (time.GetElapsedTime(start) > (timeout ?? TimeSpan.FromSeconds(30))) throw new TimeoutException($"Waited in vain for {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await parts.DisposeAsync();
        certificate?.Dispose();
    }

    private bool RolledOut(ResourceKind kind, string ns, string name)
    {
        if (parts.Store.Find(kind, ns, name) is not { } stored) return false;
        return stored.Read().Number("status", "observedGeneration") == stored.Generation
            && !Rollouts.All.Any(record => record.Kind == kind.Plural && record.Namespace == ns && record.Name == name && record.EndedAt is null);
    }

    private static string NamespaceFor(string kind, string ns) => Kind(kind).Namespaced ? ns : "";

    private static ResourceKind Kind(string name) =>
        ResourceKinds.FindByAnyName(name) ?? throw new ArgumentException($"The sandbox serves no kind '{name}'.", nameof(name));

    private static JsonObject Done(WriteResult result) =>
        result.Failure is { } failure ? throw new InvalidOperationException(failure.Message) : result.Object!.Read();
}
