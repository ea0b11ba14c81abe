using Docker.DotNet;
using Docker.DotNet.Handler.Abstractions;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Images;
using Testcontainers.K3s;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>
/// A container engine for the tests of its collection: the one that runs on this machine, or Debian's dockerd, started for them.
/// Nothing is pulled.
/// </summary>
[CollectionDefinition(Name)]
public sealed class DockerEngine : ICollectionFixture<DockerEngine>, IAsyncLifetime
{
    public const string Name = "container engine";

    private DockerDaemon? daemon;
    private LocalImages? images;
    private IDockerEndpointAuthenticationConfiguration? endpoint;
    private string? missing;

    internal DockerCli Cli => new(Endpoint.Endpoint);

    internal LocalImages Images => images ??= new LocalImages(Cli);

    private IDockerEndpointAuthenticationConfiguration Endpoint => endpoint ?? throw new InvalidOperationException($"not asked for by {nameof(Require)}");

    public async ValueTask InitializeAsync()
    {
        // Testcontainers' resource reaper is a container too and would have to be pulled. Each test removes its own containers.
        TestcontainersSettings.ResourceReaperEnabled = false;
        endpoint = TestcontainersSettings.OS.DockerEndpointAuthConfig;
        if (endpoint is null && (await DockerDaemon.StartAsync()).IsSuccess(out daemon, out missing))
            endpoint = new DaemonEndpoint(daemon.Address, daemon.Version);
        else if (endpoint is not null && Requirement.Find("docker") is null)
            missing = "a container engine runs here, but its docker command is not installed";
    }

    public async ValueTask DisposeAsync()
    {
        if (images is not null)
            await images.DisposeAsync();
        if (daemon is not null)
            await daemon.DisposeAsync();
    }

    /// <summary>Skips the running test, with the reason, if there is no engine.</summary>
    public void Require()
    {
        if (missing is not null)
            Requirement.Skip("docker", missing);
    }

    internal ContainerBuilder Container(string image) => new ContainerBuilder(image).WithDockerEndpoint(Endpoint).WithImagePullPolicy(PullPolicy.Never);

    internal K3sBuilder K3s(string image) => new K3sBuilder(image).WithDockerEndpoint(Endpoint).WithImagePullPolicy(PullPolicy.Never);

    internal NetworkBuilder Network() => new NetworkBuilder().WithDockerEndpoint(Endpoint);

    /// <summary>Without this, Testcontainers requests a newer API version than Debian's engine supports.</summary>
    private sealed class DaemonEndpoint(Uri address, Version version) : IDockerEndpointAuthenticationConfiguration
    {
        public Version Version => version;

        public Uri Endpoint => address;

        public IAuthProvider? AuthProvider => null;

        public DockerClientBuilder GetDockerClientBuilder(Guid sessionId = default) => new DockerClientBuilder().WithApiVersion(version).WithEndpoint(address);
    }
}
