using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry;

/// <summary>
/// Reads from registries which digest a tag serves. Failures are returned as values with a message; only cancellation throws. Limits the
/// concurrent requests per host. The caller should ask once per distinct image (<see cref="RegistryObserver"/> checks many).
/// </summary>
internal sealed class RegistryClient : IDisposable
{
    // Without this pause, every image would use up its attempts and timeouts on an unreachable mirror.
    private static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, RegistryOptions> options;
    private readonly ConcurrentDictionary<string, Lazy<Route?>> routes = new(StringComparer.OrdinalIgnoreCase);

    // By configuration: a mirror of several registries shares one connection limit and backoff.
    private readonly ConcurrentDictionary<RegistryMirror, Lazy<ImageSource>> mirrors = new();
    private readonly TimeProvider time;
    private readonly RequestEnded? ended;
    private readonly ILogger<RegistryClient> logger;

    /// <param name="registries">Validated options (by RegistryConfiguration in Host).</param>
    /// <param name="ended">Called for every request, from several threads.</param>
    public RegistryClient(IReadOnlyList<RegistryOptions> registries, TimeProvider time, ILogger<RegistryClient> logger, RequestEnded? ended = null)
    {
        (this.time, this.logger, this.ended) = (time, logger, ended);
        options = registries.ToDictionary(registry => registry.Registry, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Backoff and rate limit of every registry that was used so far, by name. Mirrors are not included.</summary>
    public IReadOnlyList<RegistryStatus> Registries =>
    [
        .. routes.Values
            .Select(route => route.Value?.Own)
            .OfType<ImageSource>()
            .OrderBy(source => source.Name, StringComparer.Ordinal)
            .Select(StatusOf),
    ];

    /// <summary>The options of the registry's own entry, else of the entry <c>*</c>, else the defaults.</summary>
    public RegistryOptions OptionsOf(string registry) =>
        options.GetValueOrDefault(registry) ?? (options.GetValueOrDefault(RegistryOptions.AnyHost) ?? new RegistryOptions()) with { Host = registry };

    /// <summary>Restores a backoff that the registry asked for earlier, perhaps in another process.</summary>
    public void BackOffUntil(string registry, DateTimeOffset until) => RouteOf(registry)?.Own.BackOff.Extend(until);

    /// <summary>Backoff and rate limit of the registry; null if it was not used yet or its address is invalid.</summary>
    public RegistryStatus? StatusOf(string registry) =>
        routes.TryGetValue(registry, out var route) && route.Value is { Own: var source } ? StatusOf(source) : null;

    /// <summary>The digest that the tag serves now; for an image pinned by digest, whether that digest is still served.</summary>
    /// <param name="candidates">Credentials for this image, in the order of trying. The last attempt is always anonymous.</param>
    public async Task<ImageCheck> CheckAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
    {
        var question = new Question(image, Digest: null, candidates, Attempts: null);
        var answer = await AskAsync(image, source => source.CheckAsync(question, cancellationToken));
        return answer.IsSuccess(out var served, out var failure)
            ? new ServedCheck(image, time.GetUtcNow(), served.Digest, served.MediaType)
            : new FailedCheck(image, time.GetUtcNow(), failure);
    }

    /// <summary>The manifest with this digest from the image's repository. Docker Hub counts the request as a pull.</summary>
    public async Task<Result<Manifest, RegistryFailure>> GetManifestAsync(
        ImageReference image, Digest digest, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
    {
        var question = new Question(image, digest, candidates, Attempts: null);
        var got = await AskAsync(image, source => source.ResolveAsync(question, cancellationToken));
        return got.IsSuccess(out var resolved, out var failure) ? resolved.Manifest : failure;
    }

    /// <summary>The platform that a single manifest is built for, from its config. Docker Hub does not count the request.</summary>
    /// <returns>
    /// The manifest with its platform. Without it if the config can't be had although it may exist: it often lies on another host, which the nodes may
    /// reach and this process may not. A failure if the registry does not have it, or must be asked later.
    /// </returns>
    public async Task<Result<Manifest, RegistryFailure>> WithPlatformAsync(
        ImageReference image, Manifest manifest, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
    {
        if (manifest.Config is not { } config || manifest.Platform is not null)
            return manifest;

        var question = new Question(image, config, candidates, Attempts: null);
        var got = await AskAsync(image, source => source.ConfigAsync(question, cancellationToken));
        if (got.IsSuccess(out var read, out var failure))
            return manifest with { Platform = read.Platform };
        return failure.Kind is RegistryFailureKind.NotFound or RegistryFailureKind.RateLimited or RegistryFailureKind.ServerError ? failure : manifest;
    }

    /// <summary>The manifest that the image refers to now, and which credential worked.</summary>
    public Task<Result<ResolvedImage, RegistryFailure>> ResolveAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken) =>
        ResolveAsync(image, candidates, attempts: null, cancellationToken);

    /// <param name="attempts">Receives every attempt when it ends.</param>
    public Task<Result<ResolvedImage, RegistryFailure>> ResolveAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, IProgress<Attempt>? attempts, CancellationToken cancellationToken)
    {
        var question = new Question(image, image.Digest, candidates, attempts);
        return AskAsync(image, source => source.ResolveAsync(question, cancellationToken));
    }

    public void Dispose()
    {
        foreach (var route in routes.Values)
            route.Value?.Own.Dispose();
        foreach (var mirror in mirrors.Values)
            mirror.Value.Dispose();
    }

    // The mirrors in their order, then the registry itself. The first success is returned.
    private async Task<Result<T, RegistryFailure>> AskAsync<T>(ImageReference image, Func<ImageSource, Task<Result<T, RegistryFailure>>> ask)
        where T : class
    {
        if (RouteOf(image.Registry) is not { } route)
            return new RegistryFailure(RegistryFailureKind.Unreachable, $"invalid registry address '{image.Registry}' of {image.Repository}");

        var before = new List<RegistryFailure>();
        foreach (var mirror in route.First.Where(mirror => mirror.SilentUntil <= time.GetUtcNow()))
        {
            var outcome = await ask(mirror);
            if (outcome.IsSuccess(out _, out var failure))
                return outcome;
            if (failure.Kind is RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut)
                mirror.SilentUntil = time.GetUtcNow() + SilentFor;
            before.Add(failure);
        }

        var end = await ask(route.Last);
        return end.IsSuccess(out _, out var refusal) || before.Count == 0 ? end : Failures.After(refusal, before);
    }

    private RegistryStatus StatusOf(ImageSource source) =>
        new(source.Name, source.BackOff.Until(time.GetUtcNow()), source.BackOff.RateLimit);

    private Route? RouteOf(string registry) => routes.GetOrAdd(registry, name => new Lazy<Route?>(() => RouteTo(name))).Value;

    private Route? RouteTo(string registry)
    {
        var said = OptionsOf(registry);
        if (RegistryAddress.Of(said) is not { } address)
            return null;

        var own = Connect(said.Registry, said, address, mirror: null);
        ImageSource[] before = [.. said.Mirrors.Select(mirror => mirrors.GetOrAdd(
            mirror, added => new Lazy<ImageSource>(() => Connect(added.Address!.Authority, added, added.Address, added))).Value)];
        var last = said.MirrorsOnly ? before[^1] : own;
        return new Route([.. before.Where(mirror => mirror != last)], last, own);
    }

    private ImageSource Connect(string name, EndpointOptions said, Uri address, RegistryMirror? mirror)
    {
        var backOff = new BackOff();
        return new ImageSource(name, address, said, mirror, RegistryHttpClient.Create(name, address, said, backOff, ended, time, logger), backOff);
    }

    /// <param name="First">Mirrors, which are skipped for a while after a connection failure.</param>
    /// <param name="Last">The registry itself, or the last mirror if only mirrors are used. Never skipped.</param>
    /// <param name="Own">The registry itself.</param>
    private sealed record Route(IReadOnlyList<ImageSource> First, ImageSource Last, ImageSource Own);
}

/// <summary>Called when an HTTP request ends.</summary>
/// <param name="code">The response's status code, <c>timeout</c> or <c>unreachable</c>.</param>
/// <param name="took">Time until the response headers arrived or the request failed.</param>
internal delegate void RequestEnded(string registry, string code, TimeSpan took);

/// <param name="Credential">The origin of the credential that worked, or <c>anonymous</c>.</param>
/// <param name="Server">Name of the registry or mirror that answered.</param>
internal sealed record ResolvedImage(Manifest Manifest, string Credential, string Server);

/// <param name="BackingOffUntil">From 429, or 503 with Retry-After; null if there is no backoff.</param>
internal sealed record RegistryStatus(string Registry, DateTimeOffset? BackingOffUntil, RateLimit? RateLimit);
