using System.Text;
using ImageUpdater.IntegrationTests.Parts;
using Testcontainers.K3s;

namespace ImageUpdater.IntegrationTests.Cluster;

/// <summary>
/// K3s in a container, and a registry that nodes and pods reach by its address. <c>IMAGE_UPDATER_TEST_K3S</c> sets another K3s image.
/// </summary>
internal sealed class K3sCluster : IAsyncDisposable
{
    private static readonly string Image = Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_K3S") is { Length: > 0 } image ? image : "rancher/k3s:v1.32.2-k3s1";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-k3s-");
    private readonly DockerEngine engine;
    private readonly K3sContainer node;

    private K3sCluster(DockerEngine engine, RegistryContainer registry)
    {
        this.engine = engine;
        Registry = registry;
        var registries = $"mirrors:\n  \"{registry.Host}\":\n    endpoint: [\"http://{registry.Host}\"]\n";
        node = engine.K3s(Image)
            .WithNetwork(registry.Network)
            .WithCommand("--disable=metrics-server")
            .WithResourceMapping(Encoding.UTF8.GetBytes(registries), "/etc/rancher/k3s/registries.yaml")
            .Build();
    }

    public RegistryContainer Registry { get; }

    /// <summary>Kubeconfig for <c>helm</c> on this machine.</summary>
    public string Kubeconfig => Path.Combine(folder.FullName, "kubeconfig");

    /// <summary>Skips the test if the engine does not have the image.</summary>
    public static async Task<K3sCluster> StartAsync(DockerEngine engine)
    {
        if (!await engine.Cli.HasImageAsync(Image))
            Requirement.Skip("k3s", $"the container engine has no image {Image}; docker pull {Image}");

        var cluster = new K3sCluster(engine, await RegistryContainer.StartAsync(engine));
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

    /// <summary>Runs kubectl in the node's container.</summary>
    public async Task<string> KubectlAsync(params IReadOnlyList<string> arguments)
    {
        var result = await node.ExecAsync(["kubectl", .. arguments]);
        Assert.True(result.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: exit code {result.ExitCode}\n{result.Stdout}{result.Stderr}");
        return result.Stdout.Trim();
    }

    /// <summary>Imports an image from the engine into the node, so that no pull is needed.</summary>
    public async Task LoadAsync(string image)
    {
        var archive = new FileInfo(Path.Combine(folder.FullName, "image.tar"));
        await engine.Cli.RunAsync("save", "--output", archive.FullName, image);
        await node.CopyAsync(archive, "/tmp/");
        var result = await node.ExecAsync(["ctr", "--namespace", "k8s.io", "images", "import", "/tmp/image.tar"]);
        Assert.True(result.ExitCode == 0, result.Stderr);
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await Registry.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task BeginAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await node.StartAsync(patience.Token);
        // In a container, Testcontainers returns the network's gateway, which K3s' certificate does not include.
        var kubeconfig = (await node.GetKubeconfigAsync()).Replace($"https://{node.Hostname}:", "https://127.0.0.1:", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Kubeconfig, kubeconfig, patience.Token);
        await Eventually.HoldsAsync("the node is ready", async () =>
            await node.ExecAsync(["kubectl", "get", "nodes"], patience.Token) is { ExitCode: 0 } nodes && nodes.Stdout.Contains(" Ready ", StringComparison.Ordinal));
    }
}
