using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>The registry of a world on the Sandbox.</summary>
public enum WorldRegistry
{
    Sandbox,

    /// <summary>Debian's docker-registry, with images pushed by skopeo.</summary>
    Docker,
}

/// <summary>
/// A cluster with a new namespace, a registry that its nodes pull from, and a folder for the state store.
/// The cluster is the Sandbox's, or the real one of <c>IMAGE_UPDATER_TEST_KUBECONFIG</c>; its registry is then
/// <c>IMAGE_UPDATER_TEST_REGISTRY</c> (default: 127.0.0.1:5000, plain HTTP).
/// </summary>
public sealed class World : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-test-");
    private readonly DockerRegistry? dockerRegistry;
    private readonly SandboxRegistry? sandboxRegistry;

    private World(string? kubeconfig, SandboxCluster? sandbox, SandboxRegistry? sandboxRegistry, DockerRegistry? dockerRegistry)
    {
        this.sandboxRegistry = sandboxRegistry;
        this.dockerRegistry = dockerRegistry;
        Sandbox = sandbox;
        Kubeconfig = kubeconfig ?? Path.Combine(folder.FullName, "kubeconfig");
        sandbox?.WriteKubeconfig(Kubeconfig);
        Api = ClusterApi.Connect(Kubeconfig);
        RegistryAddress = sandboxRegistry?.Address ?? dockerRegistry?.Host ?? Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_REGISTRY") ?? "127.0.0.1:5000";
        HostEnvironment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ImageUpdater__Registries__0__Host"] = RegistryAddress,
            ["ImageUpdater__Registries__0__PlainHttp"] = "true",
            ["HOME"] = folder.FullName,
        };
    }

    public static string? RealKubeconfig => Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_KUBECONFIG") is { Length: > 0 } path ? path : null;

    public string Kubeconfig { get; }

    public ClusterApi Api { get; }

    /// <summary>Null on a real cluster.</summary>
    public SandboxCluster? Sandbox { get; }

    /// <summary>For faults and request counts; null for a real registry.</summary>
    public SandboxRegistry? Registry => sandboxRegistry;

    public string RegistryAddress { get; }

    public string Namespace { get; } = $"iut-{Guid.NewGuid().ToString("N")[..10]}";

    public string State => Path.Combine(folder.FullName, "state.db");

    public string Folder => folder.FullName;

    /// <summary>Runs commands as processes, for tests of process behaviour or of all steps of a user. Each takes two seconds to start.</summary>
    public bool StartsProcesses { get; set; } = HostProcess.Published is not null;

    /// <summary>Environment variables of every command of this world.</summary>
    public Dictionary<string, string?> HostEnvironment { get; }

    public static async Task<World> StartAsync(WorldRegistry registry = WorldRegistry.Sandbox, SandboxClusterOptions? options = null)
    {
        World world;
        if (RealKubeconfig is { } kubeconfig)
        {
            world = new World(kubeconfig, sandbox: null, sandboxRegistry: null, dockerRegistry: null);
        }
        else
        {
            var docker = registry == WorldRegistry.Docker ? await DockerRegistry.StartAsync() : null;
            var own = docker is null ? await SandboxRegistry.StartAsync() : null;
            var sandbox = await SandboxCluster.StartAsync(options ?? new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(30) });
            world = new World(kubeconfig: null, sandbox, own, docker);
        }

        await world.Api.CreateAsync("/api/v1/namespaces", new JsonObject { ["kind"] = "Namespace", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = world.Namespace } });
        return world;
    }

    /// <summary>Skips tests on a real cluster that need the Sandbox's faults.</summary>
    public static Task<World> StartSandboxAsync(SandboxClusterOptions? options = null)
    {
        Assert.SkipWhen(RealKubeconfig is not null, "needs the Sandbox, and IMAGE_UPDATER_TEST_KUBECONFIG names a real cluster");
        return StartAsync(WorldRegistry.Sandbox, options);
    }

    /// <summary>The reference of an image of this world, unique on a shared registry.</summary>
    public string Image(string name, string tag = "latest") => $"{RegistryAddress}/{Namespace}/{name}:{tag}";

    /// <summary>Pushes an image with this content and returns the digest that the tag serves now.</summary>
    public async Task<string> PushAsync(string name, string content, string tag = "latest")
    {
        if (sandboxRegistry is not null)
            return sandboxRegistry.PushImage($"{Namespace}/{name}", tag, content);

        using var layout = OciLayout.Image(content);
        await Skopeo.PushAsync(layout, Image(name, tag));
        return layout.Digest;
    }

    /// <summary>Pushes an index; contents by platform, for example <c>linux/amd64</c>.</summary>
    public async Task<string> PushIndexAsync(string name, IReadOnlyDictionary<string, string> contents, string? attestation = null, string tag = "latest")
    {
        if (sandboxRegistry is not null)
            return sandboxRegistry.PushIndex($"{Namespace}/{name}", tag, contents.Select(content => new PlatformImage(content.Key, content.Value)), attestation);

        using var layout = OciLayout.Index(contents, attestation);
        await Skopeo.PushAsync(layout, Image(name, tag));
        return layout.Digest;
    }

    /// <summary>Creates a workload (<see cref="Manifests"/>) in the namespace and waits until its pods run.</summary>
    public async Task DeployAsync(JsonObject workload)
    {
        var kind = workload["kind"]!.GetValue<string>();
        var name = workload["metadata"]!["name"]!.GetValue<string>();
        await Api.CreateAsync(PathOf(kind), workload.In(Namespace).Runnable());
        if (workload["spec"]!["paused"]?.GetValue<bool>() != true)
            await Eventually.HoldsAsync($"{kind} {name} is rolled out", () => IsRolledOutAsync(kind, name));
    }

    public Task<JsonNode> GetAsync(string kind, string name) => Api.GetAsync($"{PathOf(kind)}/{name}");

    public async Task<string?> AnnotationAsync(string kind, string name, string key) =>
        (await GetAsync(kind, name))["metadata"]?["annotations"]?[Manifests.AnnotationPrefix + key]?.GetValue<string>();

    public async Task<string?> RestartedAtAsync(string kind, string name) =>
        (await GetAsync(kind, name))["spec"]!["template"]!["metadata"]?["annotations"]?["kubectl.kubernetes.io/restartedAt"]?.GetValue<string>();

    public Task AnnotateAsync(string kind, string name, string key, string? value) => Api.MergeAsync(
        $"{PathOf(kind)}/{name}",
        new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Manifests.AnnotationPrefix + key] = value } } });

    public Task MergeAsync(string kind, string name, JsonObject patch, string? manager = null) => Api.MergeAsync($"{PathOf(kind)}/{name}", patch, manager);

    public Task<string> ApplyManifestAsync(JsonObject workload, string manager) =>
        Api.ApplyAsync($"{PathOf(workload["kind"]!.GetValue<string>())}/{workload["metadata"]!["name"]!.GetValue<string>()}", workload.In(Namespace).Runnable(), manager);

    public Task DeleteAsync(string kind, string name) => Api.DeleteAsync($"{PathOf(kind)}/{name}");

    /// <summary>The imageIDs of the pods with this app label that are not terminating.</summary>
    public async Task<IReadOnlyList<string>> RunningAsync(string app)
    {
        var pods = await Api.GetAsync($"/api/v1/namespaces/{Namespace}/pods?labelSelector=app%3D{app}");
        return
        [
            .. pods["items"]!.AsArray()
                .Where(pod => pod!["metadata"]!["deletionTimestamp"] is null)
                .SelectMany(pod => pod!["status"]?["containerStatuses"]?.AsArray() ?? [])
                .Select(status => status!["imageID"]?.GetValue<string>() ?? ""),
        ];
    }

    /// <summary>Asserts that pods with this app label run, and all of them this digest.</summary>
    public async Task AllRunAsync(string app, string digest)
    {
        var running = await RunningAsync(app);
        Assert.NotEmpty(running);
        Assert.All(running, imageId => Assert.EndsWith(digest, imageId, StringComparison.Ordinal));
    }

    public async Task<bool> IsRolledOutAsync(string kind, string name)
    {
        var workload = await GetAsync(kind, name);
        var (spec, status) = (workload["spec"]!, workload["status"]);
        if (Number(status, "observedGeneration") < Number(workload["metadata"], "generation"))
            return false;
        if (kind == "DaemonSet")
        {
            var wanted = Number(status, "desiredNumberScheduled");
            return wanted > 0 && Number(status, "updatedNumberScheduled") == wanted && Number(status, "numberAvailable") == wanted;
        }

        var replicas = Number(spec, "replicas");
        return Number(status, "updatedReplicas") == replicas && Number(status, "readyReplicas") == replicas
            && Number(status, "replicas") == replicas && Number(status, "availableReplicas") == replicas;
    }

    /// <summary>Waits until the controllers have observed changes of Deployments, including annotations; before that a rollout counts as in progress.</summary>
    public Task UntilObservedAsync() => Eventually.HoldsAsync("all Deployments are observed", async () =>
        (await Api.GetAsync(PathOf("Deployment")))["items"]!.AsArray().All(item => Number(item!["status"], "observedGeneration") == Number(item["metadata"], "generation")));

    /// <summary>Runs a command of the Host with this world's kubeconfig and state, limited to this namespace.</summary>
    public Task<HostResult> RunAsync(params string[] arguments) =>
        StartsProcesses ? HostProcess.RunAsync(Complete(arguments), HostEnvironment) : InProcess.RunAsync(HostEnvironment, [.. Complete(arguments)]);

    public Task<HostResult> RunWithInputAsync(string input, params string[] arguments) => HostProcess.RunAsync(Complete(arguments), HostEnvironment, input);

    public HostProcess Start(params string[] arguments) => HostProcess.Start(Complete(arguments), HostEnvironment);

    public Task<HostResult> PlanAsync(params string[] more) => RunAsync(["plan", "--namespace", Namespace, .. more]);

    /// <param name="more">Options, or a plan, which has its own namespaces.</param>
    public Task<HostResult> ApplyAsync(params string[] more) =>
        RunAsync(["apply", .. more is [var first, ..] && !first.StartsWith('-') ? (string[])[] : ["--namespace", Namespace], "--auto-approve", .. more]);

    public async ValueTask DisposeAsync()
    {
        if (RealKubeconfig is not null)
            await Api.DeleteAsync($"/api/v1/namespaces/{Namespace}");
        Api.Dispose();
        if (Sandbox is not null)
            await Sandbox.DisposeAsync();
        if (sandboxRegistry is not null)
            await sandboxRegistry.DisposeAsync();
        if (dockerRegistry is not null)
            await dockerRegistry.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private static int Number(JsonNode? node, string name) => node?[name]?.GetValue<int>() ?? 0;

    private IEnumerable<string> Complete(string[] arguments) => ["--kubeconfig", Kubeconfig, "--state", State, .. arguments];

    private string PathOf(string kind) => $"/apis/apps/v1/namespaces/{Namespace}/{kind.ToLowerInvariant()}s";
}
