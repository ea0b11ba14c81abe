using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Cluster;

/// <summary>
/// K3s in a container, and beside it a registry that nodes and pods reach by its address. <c>IMAGE_UPDATER_TEST_K3S</c> names another image of it.
/// </summary>
internal sealed class K3s : IAsyncDisposable
{
    private const string RegistryImage = "registry:2";

    private static readonly string Image = Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_K3S") is { Length: > 0 } image ? image : "rancher/k3s:v1.32.2-k3s1";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-k3s-");
    private readonly string name = $"image-updater-{Guid.NewGuid():N}"[..24];

    private K3s()
    {
    }

    /// <summary>For <c>helm</c> on this machine.</summary>
    public string Kubeconfig => Path.Combine(folder.FullName, "kubeconfig");

    /// <summary>Of the registry, as pods and nodes see it.</summary>
    public string Registry { get; private set; } = "";

    private string Node => $"{name}-node";

    private string Store => $"{name}-registry";

    public static async Task<K3s> StartAsync()
    {
        var cluster = new K3s();
        try
        {
            await cluster.BeginAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>kubectl of the node.</summary>
    public Task<string> KubectlAsync(params string[] arguments) => DockerEngine.RunAsync("docker", ["exec", Node, "kubectl", .. arguments]);

    public Task<(int Code, string Said)> TryKubectlAsync(params string[] arguments) => DockerEngine.TryAsync("docker", ["exec", Node, "kubectl", .. arguments]);

    /// <summary>Gives the node an image that the engine has, so that it need not be pulled.</summary>
    public async Task LoadAsync(string image)
    {
        var archive = Path.Combine(folder.FullName, "image.tar");
        await DockerEngine.RunAsync("docker", "save", "--output", archive, image);
        await DockerEngine.RunAsync("docker", "cp", archive, $"{Node}:/tmp/image.tar");
        await DockerEngine.RunAsync("docker", "exec", Node, "ctr", "--namespace", "k8s.io", "images", "import", "/tmp/image.tar");
    }

    /// <summary>Another image behind the tag: busybox with other content.</summary>
    public async Task PushAsync(string repository, string content)
    {
        var context = folder.CreateSubdirectory(content);
        await File.WriteAllTextAsync(Path.Combine(context.FullName, "Dockerfile"), $"FROM busybox:stable\nLABEL content={content}\nCMD [\"sleep\", \"86400\"]\n");
        var port = (await DockerEngine.RunAsync("docker", "port", Store, "5000/tcp")).Split('\n')[0].Split(':')[^1];
        await DockerEngine.RunAsync("docker", "build", "--tag", $"localhost:{port}/{repository}", context.FullName);
        await DockerEngine.RunAsync("docker", "push", $"localhost:{port}/{repository}");
    }

    public async ValueTask DisposeAsync()
    {
        await DockerEngine.TryAsync("docker", "rm", "--force", "--volumes", Node, Store);
        await DockerEngine.TryAsync("docker", "network", "rm", name);
        folder.Delete(recursive: true);
    }

    private async Task BeginAsync()
    {
        await DockerEngine.RunAsync("docker", "network", "create", name);
        await DockerEngine.RunAsync("docker", "run", "--detach", "--name", Store, "--network", name, "--publish", "127.0.0.1::5000", RegistryImage);
        Registry = await DockerEngine.RunAsync("docker", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", Store) + ":5000";

        var registries = Path.Combine(folder.FullName, "registries.yaml");
        await File.WriteAllTextAsync(registries, $"mirrors:\n  \"{Registry}\":\n    endpoint: [\"http://{Registry}\"]\n");
        await DockerEngine.RunAsync(
            "docker", "run", "--detach", "--name", Node, "--network", name, "--privileged", "--tmpfs", "/run", "--tmpfs", "/var/run", "--publish", "127.0.0.1::6443",
            "--volume", $"{registries}:/etc/rancher/k3s/registries.yaml:ro", Image, "server", "--disable", "traefik,metrics-server", "--tls-san", "127.0.0.1");

        await Eventually.HoldsAsync("the node is ready", async () =>
            (await TryKubectlAsync("get", "nodes")) is (0, var nodes) && nodes.Contains(" Ready ", StringComparison.Ordinal));
        var port = (await DockerEngine.RunAsync("docker", "port", Node, "6443/tcp")).Split('\n')[0].Split(':')[^1];
        var kubeconfig = await DockerEngine.RunAsync("docker", "exec", Node, "cat", "/etc/rancher/k3s/k3s.yaml");
        await File.WriteAllTextAsync(Kubeconfig, kubeconfig.Replace("127.0.0.1:6443", $"127.0.0.1:{port}", StringComparison.Ordinal));
    }
}
