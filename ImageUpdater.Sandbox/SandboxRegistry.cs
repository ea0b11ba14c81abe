using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using ImageUpdater.Sandbox.Http;
using ImageUpdater.Sandbox.Registry;

namespace ImageUpdater.Sandbox;

/// <summary>An OCI registry on loopback, in this process. Several can run beside each other.</summary>
public sealed class SandboxRegistry : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, SandboxRegistry> Running = new();

    private readonly LoopbackServer server;
    private readonly ImageBuilder builder;
    private readonly X509Certificate2? certificate;

    private SandboxRegistry(LoopbackServer server, ImageStore store, RequestLog requests, FaultSet<RegistryFault> faults, X509Certificate2? certificate)
    {
        this.server = server;
        this.certificate = certificate;
        Store = store;
        builder = new ImageBuilder(store);
        Requests = requests;
        Faults = faults;
        Running[Address] = this;
    }

    /// <summary>For image references: <c>127.0.0.1:PORT</c>.</summary>
    public string Address => $"127.0.0.1:{server.Url.Port}";

    public Uri Url => server.Url;

    public RequestLog Requests { get; }

    public FaultSet<RegistryFault> Faults { get; }

    /// <summary>With TLS: the certificate that clients must trust, as PEM.</summary>
    public string? CertificatePem => certificate?.ExportCertificatePem();

    internal ImageStore Store { get; }

    public static async Task<SandboxRegistry> StartAsync(SandboxRegistryOptions? options = null)
    {
        options ??= new SandboxRegistryOptions();
        var store = new ImageStore();
        var requests = new RequestLog(options.RequestLogCapacity);
        var faults = new FaultSet<RegistryFault>(options.Seed);
        var registry = new RegistryServer(options, store);
        var door = new FrontDoor<RegistryFault>(requests, faults, options.TimeProvider, registry.HandleAsync);
        X509Certificate2? own = options.Tls ? LoopbackCertificate.Create(options.TimeProvider) : null;
        LoopbackServer serving = await LoopbackServer.StartAsync(options.Port, own, door.HandleAsync);
        return new SandboxRegistry(serving, store, requests, faults, own);
    }

    /// <summary>The reference of an image here: <c>127.0.0.1:PORT/repository:tag</c>.</summary>
    public string Reference(string repository, string tag = "latest") => $"{Address}/{repository}:{tag}";

    /// <summary>Pushes an image of one platform, as a manifest without an index. Answers its digest.</summary>
    public string PushImage(string repository, string tag, string content, string platform = "linux/amd64")
    {
        Manifest manifest = builder.Image(repository, platform, content);
        Store.Open(repository).Put(manifest, tag);
        return manifest.Digest;
    }

    /// <summary>Pushes an index of several platforms, optionally with an attestation entry. Answers the index' digest.</summary>
    public string PushIndex(string repository, string tag, IEnumerable<PlatformImage> images, string? attestation = null) =>
        builder.Index(repository, tag, images, attestation).Digest;

    /// <summary>Pushes any bytes as a manifest. Answers their digest.</summary>
    public string PushRaw(string repository, string tag, string mediaType, ReadOnlyMemory<byte> bytes)
    {
        var manifest = new Manifest(Digests.Of(bytes.Span), mediaType, bytes);
        Store.Open(repository).Put(manifest, tag);
        return manifest.Digest;
    }

    /// <summary>The digest that a tag serves; null when there is no such tag.</summary>
    public string? DigestOf(string repository, string tag) => Store.Find(repository, tag)?.Digest;

    /// <summary>The digest of an index' manifest for a platform.</summary>
    public string? ChildDigestOf(string repository, string reference, string platform)
    {
        string[] parts = platform.Split('/');
        return Store.Find(repository, reference)?.ChildFor(parts[0], parts[1]);
    }

    public bool DeleteTag(string repository, string tag) => Store.Find(repository)?.Delete(tag) == true;

    /// <summary>Deletes a manifest and the tags that point at it.</summary>
    public bool DeleteManifest(string repository, string digest) => Store.Find(repository)?.Delete(digest) == true;

    public async ValueTask DisposeAsync()
    {
        Running.TryRemove(Address, out _);
        await server.DisposeAsync();
        certificate?.Dispose();
    }

    /// <summary>The registry of this process behind a reference's host. Nodes ask it directly: their pulls are in no log and meet no fault.</summary>
    internal static SandboxRegistry? FindByHost(string host) =>
        Running.GetValueOrDefault(host.Replace("localhost:", "127.0.0.1:", StringComparison.Ordinal));
}
