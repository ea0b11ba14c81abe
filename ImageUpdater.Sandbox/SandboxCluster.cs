using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster;
using ImageUpdater.Sandbox.Cluster.Patching;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;
using ImageUpdater.Sandbox.Http;

namespace ImageUpdater.Sandbox;

/// <summary>
/// A small Kubernetes on loopback, in this process: an API server, a controller that rolls out workloads, and nodes
/// that pull images. Members that change something throw if the API would reject the change. Kinds can be given by any of their names:
/// <c>deployments</c>, <c>deployment</c>, <c>Deployment</c>, <c>deploy</c>.
/// </summary>
public sealed class SandboxCluster : IAsyncDisposable
{
    private const string Manager = "sandbox";

    private readonly ControlPlane plane;
    private readonly LoopbackServer server;

    private SandboxCluster(ControlPlane plane, LoopbackServer server, RequestLog requests, FaultSet<ClusterFault> faults)
    {
        this.plane = plane;
        this.server = server;
        Requests = requests;
        Faults = faults;
    }

    public Uri ApiUrl => server.Url;

    public string Kubeconfig => Cluster.Kubeconfig.Write(ApiUrl);

    public RequestLog Requests { get; }

    public FaultSet<ClusterFault> Faults { get; }

    public RolloutLog Rollouts => plane.Rollouts;

    /// <summary>The denied verbs. Can be set while the cluster runs.</summary>
    public IReadOnlyList<ForbiddenVerb> Forbidden
    {
        get => plane.Access.Forbidden;
        set => plane.Access.Forbidden = value;
    }

    public static async Task<SandboxCluster> StartAsync(SandboxClusterOptions? options = null)
    {
        options ??= new SandboxClusterOptions();
        var made = new ControlPlane(options);
        var requests = new RequestLog();
        var faults = new FaultSet<ClusterFault>(options.Seed);
        var door = new FrontDoor<ClusterFault>(requests, faults, options.TimeProvider, made.Api.HandleAsync);
        var serving = await LoopbackServer.StartAsync(options.Port, door.HandleAsync);
        var cluster = new SandboxCluster(made, serving, requests, faults);
        cluster.AddNamespace("default");
        foreach (var node in options.Nodes) cluster.AddNode(node);
        return cluster;
    }

    public void WriteKubeconfig(string path) => File.WriteAllText(path, Kubeconfig);

    public void AddNamespace(string name) => Apply(new JsonObject { ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });

    public void AddNode(SandboxNode node)
    {
        var labels = new JsonObject
        {
            ["kubernetes.io/os"] = node.Os,
            ["kubernetes.io/arch"] = node.Architecture,
            ["kubernetes.io/hostname"] = node.Name,
        };
        var info = new JsonObject { ["operatingSystem"] = node.Os, ["architecture"] = node.Architecture };
        var ready = new JsonObject { ["type"] = "Ready", ["status"] = "True", ["reason"] = "KubeletReady" };
        Done(plane.Writer.Create(ResourceKind.Nodes, "", Manager, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = node.Name, ["labels"] = labels },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(ready), ["nodeInfo"] = info },
        }));
    }

    /// <summary>Creates the object, or replaces its metadata and spec. The default namespace is <c>default</c>.</summary>
    public JsonObject Apply(JsonNode manifest)
    {
        var node = (JsonObject)manifest.DeepClone();
        var key = Key(node.Text("kind") ?? "", node.Text("metadata", "namespace") ?? "default", node.Text("metadata", "name") ?? "");
        return Done(plane.Store.Find(key) is null
            ? plane.Writer.Create(key.Kind, key.Namespace, Manager, node)
            : plane.Writer.Update(key, WriteScope.Resource, Manager, _ => new Edit(node)));
    }

    public JsonObject? Get(string kind, string ns, string name) => plane.Store.Find(Key(kind, ns, name))?.Read();

    /// <summary>All objects of a kind, in the API's order.</summary>
    public IReadOnlyList<JsonObject> List(string kind) => [.. plane.Store.List(Key(kind, "", "").Kind).Objects.Select(stored => stored.Read())];

    /// <summary>A strategic merge patch, as kubectl patch sends it.</summary>
    public JsonObject Patch(string kind, string ns, string name, string patch) => Done(plane.Writer.Update(
        Key(kind, ns, name), WriteScope.Resource, Manager, node => new Edit(Merging.Strategic(node, JsonNode.Parse(patch)!.AsObject()))));

    public void Delete(string kind, string ns, string name) => Done(plane.Writer.Delete(Key(kind, ns, name)));

    /// <summary>Makes containers of this index or manifest crash from now on, instead of becoming ready.</summary>
    public void BreakImage(string digest) => plane.Puller.Break(digest);

    /// <summary>Waits until every rollout has ended and every deleted pod is gone.</summary>
    public Task WaitUntilSettledAsync(TimeSpan? timeout = null) => WaitAsync(() => plane.Settled, "the cluster to settle", timeout);

    /// <summary>Waits until the controller has rolled out the workload's current spec.</summary>
    public Task WaitForRolloutAsync(string kind, string ns, string name) => WaitAsync(
        () => plane.Store.Find(Key(kind, ns, name)) is { } stored
            && stored.Read().Number("status", "observedGeneration") == stored.Generation
            && !Rollouts.IsRunning(stored.Key.Kind.Plural, ns, name),
        $"the rollout of {ns}/{kind}/{name}");

    /// <summary>Waits for a condition, checked every 10 ms. Throws <see cref="TimeoutException"/> after 30 s or the given time.</summary>
    public async Task WaitAsync(Func<bool> condition, string what, TimeSpan? timeout = null)
    {
        var time = plane.Timing.Time;
        var start = time.GetTimestamp();
        while (!condition())
        {
            plane.ThrowIfBroken();
            if (time.GetElapsedTime(start) > (timeout ?? TimeSpan.FromSeconds(30))) throw new TimeoutException($"Timed out waiting for {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        plane.Dispose();
    }

    private static ObjectKey Key(string kind, string ns, string name) => ResourceKind.Find(kind) is { } found
        ? new ObjectKey(found, found.Namespaced ? ns : "", name)
        : throw new ArgumentException($"Unknown kind '{kind}'.", nameof(kind));

    private static JsonObject Done(Outcome<StoredObject> outcome) =>
        outcome.Value is { } stored ? stored.Read() : throw new InvalidOperationException(outcome.Failure!.Message);
}
