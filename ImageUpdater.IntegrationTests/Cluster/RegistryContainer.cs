using System.Text;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Networks;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Cluster;

/// <summary>Debian's docker-registry in a container, in a network that other containers can join.</summary>
internal sealed class RegistryContainer : IAsyncDisposable
{
    public const string Alias = "registry";
    public const int Port = 5000;

    private const string Image = "image-updater-test/registry:local";
    private const string Config = "{version: 0.1, storage: {filesystem: {rootdirectory: /store}}, http: {addr: ':5000'}}";

    private readonly DockerEngine engine;
    private readonly IContainer container;

    private RegistryContainer(DockerEngine engine)
    {
        this.engine = engine;
        Network = engine.Network().Build();
        container = engine.Container(Image)
            .WithNetwork(Network)
            .WithNetworkAliases(Alias)
            .WithPortBinding(Port, assignRandomHostPort: true)
            .WithEnvironment("OTEL_TRACES_EXPORTER", "none")
            .WithResourceMapping(Encoding.UTF8.GetBytes(Config), "/etc/registry.yml")
            .WithCommand("docker-registry", "serve", "/etc/registry.yml")
            .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(request => request.ForPort(Port).ForPath("/v2/")))
            .Build();
    }

    public INetwork Network { get; }

    /// <summary>The registry's address for nodes and pods. Pods can't resolve the network aliases of the engine.</summary>
    public string Host => $"{container.IpAddress}:{Port}";

    /// <summary>The port published on this machine.</summary>
    public string PublishedHost => $"localhost:{container.GetMappedPublicPort(Port)}";

    public static async Task<RegistryContainer> StartAsync(DockerEngine engine)
    {
        await engine.Images.ImportRegistryAsync(Image);
        var registry = new RegistryContainer(engine);
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            await registry.Network.CreateAsync(patience.Token);
            await registry.container.StartAsync(patience.Token);
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    /// <summary>Pushes another image to the tag.</summary>
    /// <param name="repository">Repository and tag.</param>
    public async Task PushAsync(string repository, string content)
    {
        var image = $"{PublishedHost}/{repository}";
        await engine.Images.ImportBusyboxAsync(image, content);
        await engine.Cli.RunAsync("push", image);
    }

    public async ValueTask DisposeAsync()
    {
        await container.DisposeAsync();
        await Network.DisposeAsync();
    }
}
