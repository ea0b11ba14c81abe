using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.Host.Registry;

/// <summary>
/// Asks registries what a tag serves. Every failure is a value with a sentence; only cancellation throws. To ask once per
/// distinct image is the caller's part (<see cref="RegistryObserver"/> does many), to bound the requests is this one's.
/// </summary>
internal sealed class RegistryClient : IDisposable
{
    private readonly Dictionary<string, RegistryOptions> _options;
    private readonly ConcurrentDictionary<string, Lazy<RegistryRoute?>> _routes = new(StringComparer.OrdinalIgnoreCase);

    // By what is said of it: a mirror of many registries is one host with one bound.
    private readonly ConcurrentDictionary<RegistryMirror, Lazy<ImageSource>> _mirrors = new();
    private readonly RegistryHttp _http = new();
    private readonly Instruments? _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<RegistryClient> _logger;

    /// <param name="registries">Those that are configured, without problems (<see cref="RegistryConfiguration"/>).</param>
    /// <param name="instruments">Null for a command, which nobody scrapes.</param>
    public RegistryClient(IReadOnlyList<RegistryOptions> registries, TimeProvider time, ILogger<RegistryClient> logger, Instruments? instruments = null)
    {
        _options = registries.ToDictionary(registry => registry.Registry, StringComparer.OrdinalIgnoreCase);
        _instruments = instruments;
        _time = time;
        _logger = logger;
    }

    /// <summary>What each registry that was asked so far said of itself. Mirrors are not in it.</summary>
    public IReadOnlyList<RegistryStatus> Registries =>
    [
        .. _routes.Values
            .Select(route => route.Value?.Own.Endpoint)
            .OfType<RegistryEndpoint>()
            .OrderBy(endpoint => endpoint.Name, StringComparer.Ordinal)
            .Select(StatusOf),
    ];

    /// <summary>Those of the registry's own entry, else those of the entry for all others, else the defaults.</summary>
    public RegistryOptions OptionsOf(string registry) =>
        _options.GetValueOrDefault(registry) ?? (_options.GetValueOrDefault(RegistryOptions.AnyHost) ?? new RegistryOptions()) with { Host = registry };

    /// <summary>It asked for that earlier, perhaps of another process: <see cref="RegistryStatus.LeftAloneUntil"/>.</summary>
    public void LeaveAlone(string registry, DateTimeOffset until) => RouteOf(registry)?.Own.Endpoint.LeaveAlone(until);

    /// <summary>What the registry said of itself; null where it was not asked yet, or can't be.</summary>
    public RegistryStatus? StatusOf(string registry) =>
        _routes.TryGetValue(registry, out var route) && route.Value is { Own.Endpoint: var endpoint } ? StatusOf(endpoint) : null;

    /// <summary>The digest that the tag serves now; for an image pinned by digest, whether that is still served.</summary>
    /// <param name="candidates">Credentials for this image, in order; anonymous comes last by itself.</param>
    public async Task<ImageCheck> CheckAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
    {
        var question = new Question(image, Digest: null, candidates, Attempts: null);
        var answer = await AskAsync(image, source => source.CheckAsync(question, cancellationToken));
        return answer.IsSuccess(out var served, out var failure)
            ? new ServedCheck(image, _time.GetUtcNow(), served.Digest, served.MediaType)
            : new FailedCheck(image, _time.GetUtcNow(), failure);
    }

    /// <summary>The manifest with this digest, out of the image's repository. Docker Hub counts it as a pull.</summary>
    public async Task<Result<Manifest, RegistryFailure>> GetManifestAsync(
        ImageReference image, Digest digest, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
    {
        var question = new Question(image, digest, candidates, Attempts: null);
        var got = await AskAsync(image, source => source.ResolveAsync(question, cancellationToken));
        return got.IsSuccess(out var resolved, out var failure) ? resolved.Manifest : failure;
    }

    /// <summary>The manifest that the image names now, and which credential opened the way.</summary>
    public Task<Result<ResolvedImage, RegistryFailure>> ResolveAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken) =>
        ResolveAsync(image, candidates, attempts: null, cancellationToken);

    /// <param name="attempts">Is told of each attempt as it ends.</param>
    public Task<Result<ResolvedImage, RegistryFailure>> ResolveAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, IProgress<Attempt>? attempts, CancellationToken cancellationToken)
    {
        var question = new Question(image, image.Digest, candidates, attempts);
        return AskAsync(image, source => source.ResolveAsync(question, cancellationToken));
    }

    public void Dispose()
    {
        foreach (var route in _routes.Values)
            route.Value?.Own.Endpoint.Dispose();
        foreach (var mirror in _mirrors.Values)
            mirror.Value.Endpoint.Dispose();
        _http.Dispose();
    }

    private async Task<Result<T, RegistryFailure>> AskAsync<T>(ImageReference image, Func<ImageSource, Task<Result<T, RegistryFailure>>> ask)
        where T : class
    {
        var route = RouteOf(image.Registry);
        return route is null
            ? new RegistryFailure(RegistryFailureKind.Unreachable, $"{image.Registry} is no address that can be asked for {image.Repository}")
            : await route.AskAsync(ask);
    }

    private RegistryStatus StatusOf(RegistryEndpoint endpoint) =>
        new(endpoint.Name, endpoint.LeaveAloneUntil > _time.GetUtcNow() ? endpoint.LeaveAloneUntil : null, endpoint.RateLimit);

    private RegistryRoute? RouteOf(string registry) => _routes.GetOrAdd(registry, name => new Lazy<RegistryRoute?>(() => RouteTo(name))).Value;

    private RegistryRoute? RouteTo(string registry)
    {
        var options = OptionsOf(registry);
        if (RegistryAddress.Of(options) is not { } address)
            return null;

        var mirrors = options.Mirrors.Select(mirror => _mirrors.GetOrAdd(
            mirror, added => new Lazy<ImageSource>(() => Connect(added.Address!.Authority, added, added.Address, added))).Value);
        return new RegistryRoute([.. mirrors], Connect(options.Registry, options, address, mirror: null), options.MirrorsOnly, _time);
    }

    private ImageSource Connect(string name, EndpointOptions options, Uri address, RegistryMirror? mirror)
    {
        var endpoint = new RegistryEndpoint(name, options, address, _http.For(options));
        var exchange = new RegistryExchange(endpoint, new RegistryTransport(endpoint, _instruments, _time, _logger), _time);
        return new ImageSource(endpoint, new AuthorizedExchange(endpoint, exchange, new TokenSource(endpoint, exchange, _time)), mirror);
    }
}

/// <param name="Credential">The origin of the credential that worked, or <c>anonymous</c>.</param>
/// <param name="Server">Who answered: the registry, or which of its mirrors.</param>
internal sealed record ResolvedImage(Manifest Manifest, string Credential, string Server);

/// <param name="LeftAloneUntil">It asked for that; null where it is asked as usual.</param>
internal sealed record RegistryStatus(string Registry, DateTimeOffset? LeftAloneUntil, RateLimit? RateLimit);
