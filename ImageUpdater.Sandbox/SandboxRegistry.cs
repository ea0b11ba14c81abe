using System.Collections.Concurrent;
using ImageUpdater.Sandbox.Http;
using ImageUpdater.Sandbox.Registry;

namespace ImageUpdater.Sandbox;

/// <summary>One image of an index.</summary>
/// <param name="Platform">For example <c>linux/amd64</c> or <c>linux/arm/v7</c>.</param>
/// <param name="Content">The content of the layer; different content gives a different digest.</param>
public sealed record PlatformImage(string Platform, string Content);

/// <summary>An OCI registry on loopback, in this process. Several can run at the same time.</summary>
public sealed class SandboxRegistry : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, SandboxRegistry> Running = new();

    private readonly LoopbackServer server;
    private readonly ImageBuilder builder;

    private SandboxRegistry(LoopbackServer server, ImageStore store, RequestLog requests, FaultSet<RegistryFault> faults)
    {
        this.server = server;
        Store = store;
        builder = new ImageBuilder(store);
        Requests = requests;
        Faults = faults;
        Running[Address] = this;
    }

    /// <summary>The host in image references: <c>127.0.0.1:PORT</c>.</summary>
    public string Address => $"127.0.0.1:{server.Url.Port}";

    public Uri Url => server.Url;

    public RequestLog Requests { get; }

    public FaultSet<RegistryFault> Faults { get; }

    internal ImageStore Store { get; }

    public static async Task<SandboxRegistry> StartAsync(SandboxRegistryOptions? options = null)
    {
        options ??= new SandboxRegistryOptions();
        var store = new ImageStore();
        var requests = new RequestLog();
        var faults = new FaultSet<RegistryFault>(seed: 1);
        var registry = new RegistryServer(options, store);
        var door = new FrontDoor<RegistryFault>(requests, faults, options.TimeProvider, registry.HandleAsync);
        var serving = await LoopbackServer.StartAsync(options.Port, door.HandleAsync);
        return new SandboxRegistry(serving, store, requests, faults);
    }

    /// <summary>The reference of an image in this registry: <c>127.0.0.1:PORT/repository:tag</c>.</summary>
    public string Reference(string repository, string tag = "latest") => $"{Address}/{repository}:{tag}";

    /// <summary>Pushes an image of one platform, as a manifest without an index. Returns its digest.</summary>
    public string PushImage(string repository, string tag, string content, string platform = "linux/amd64") =>
        builder.Image(repository, tag, platform, content).Digest;

    /// <summary>Pushes an index of several platforms, optionally with an attestation entry. Returns the digest of the index.</summary>
    public string PushIndex(string repository, string tag, IEnumerable<PlatformImage> images, string? attestation = null) =>
        builder.Index(repository, tag, images, attestation).Digest;

    /// <summary>The digest of a tag; null if there is no such tag.</summary>
    public string? DigestOf(string repository, string tag) => Store.Find(repository, tag)?.Digest;

    /// <summary>The digest of an index's manifest for a platform.</summary>
    public string? ChildDigestOf(string repository, string reference, string platform)
    {
        var parts = platform.Split('/');
        return Store.Find(repository, reference)?.ChildFor(parts[0], parts[1]);
    }

    public async ValueTask DisposeAsync()
    {
        Running.TryRemove(Address, out _);
        await server.DisposeAsync();
    }

    /// <summary>Finds a registry of this process by host. Nodes use it directly: their pulls are not logged, and faults don't apply.</summary>
    internal static SandboxRegistry? FindByHost(string host) =>
        Running.GetValueOrDefault(host.Replace("localhost:", "127.0.0.1:", StringComparison.Ordinal));
}
