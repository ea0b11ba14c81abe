using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Bodies;
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

    // For one image, over all credentials and attempts: in timeouts of one request, of each mirror and the registry.
    private const int TimeoutsInLimit = 2;

    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, RegistryOptions> options;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Route> routes = new(StringComparer.OrdinalIgnoreCase);

    // By configuration: a mirror of several registries shares one connection limit and backoff.
    private readonly Dictionary<RegistryMirror, ImageSource> mirrors = [];
    private readonly SharedMemory memory = new();
    private readonly TimeProvider time;
    private readonly RequestEnded? ended;
    private readonly ILogger<RegistryClient> logger;

    /// <param name="registries">Validated options (by RegistryConfiguration in Host).</param>
    /// <param name="ended">Called for every request, from several threads.</param>
    public RegistryClient(IReadOnlyList<RegistryOptions> registries, TimeProvider time, ILogger<RegistryClient> logger, RequestEnded? ended = null)
    {
        (this.time, this.logger, this.ended, Turns) = (time, logger, ended, new RegistryTurns(time));
        options = registries.ToDictionary(registry => registry.Registry, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Backoff and rate limit of every registry that was used so far, by name. Mirrors are not included, except the last one of a registry that is
    /// not contacted itself.
    /// </summary>
    public IReadOnlyList<RegistryStatus> Registries
    {
        get
        {
            lock (gate)
                return [.. routes.Values.OrderBy(route => route.Name, StringComparer.Ordinal).Select(StatusOf)];
        }
    }

    /// <summary>For those that ask many registries.</summary>
    public RegistryTurns Turns { get; }

    /// <summary>The options of the registry's own entry, else of the entry <c>*</c>, else the defaults.</summary>
    public RegistryOptions OptionsOf(string registry) =>
        options.GetValueOrDefault(registry) ?? (options.GetValueOrDefault(RegistryOptions.AnyHost) ?? new RegistryOptions()) with { Host = registry };

    /// <summary>Restores a backoff that the registry asked for earlier, perhaps in another process.</summary>
    public void BackOffUntil(string registry, DateTimeOffset until) => RouteOf(registry)?.Last.BackOff.Extend(until);

    /// <summary>Backoff and rate limit of the registry; null if it was not used yet or its address is invalid.</summary>
    public RegistryStatus? StatusOf(string registry)
    {
        lock (gate)
            return routes.TryGetValue(registry, out var route) ? StatusOf(route) : null;
    }

    /// <summary>Closes the connections to all other registries, and forgets what is known of them, unless they are being asked.</summary>
    public void Keep(IReadOnlySet<string> registries)
    {
        var gone = new List<Route>();
        lock (gate)
        {
            foreach (var (registry, route) in routes.Where(route => route.Value.Users == 0 && !registries.Contains(route.Key)).ToList())
            {
                routes.Remove(registry);
                gone.Add(route);
            }
        }

        foreach (var route in gone)
            route.Own?.Dispose();
    }

    /// <summary>The digest that the tag serves now; for an image pinned by digest, whether that digest is still served.</summary>
    /// <param name="candidates">Credentials for this image, in the order of trying. The last attempt is always anonymous.</param>
    /// <param name="attempts">Receives every attempt when it ends.</param>
    public async Task<ImageCheck> CheckAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken, IProgress<Attempt>? attempts = null)
    {
        var question = new Question(image, Digest: null, candidates, attempts);
        var answer = await AskAsync(image, (source, cancellationToken) => source.CheckAsync(question, cancellationToken), cancellationToken);
        return answer.IsSuccess(out var served, out var failure)
            ? new ServedCheck(image, time.GetUtcNow(), served.Digest, served.MediaType) { Reader = served.Reader, Note = served.Note }
            : new FailedCheck(image, time.GetUtcNow(), failure);
    }

    /// <summary>The manifest with this digest from the image's repository. Docker Hub counts the request as a pull.</summary>
    public async Task<Result<Manifest, RegistryFailure>> GetManifestAsync(
        ImageReference image, Digest digest, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
    {
        var question = new Question(image, digest, candidates, Attempts: null);
        var got = await AskAsync(image, (source, cancellationToken) => source.ResolveAsync(question, cancellationToken), cancellationToken);
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
        var got = await AskAsync(image, (source, cancellationToken) => source.ConfigAsync(question, cancellationToken), cancellationToken);
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
        return AskAsync(image, (source, cancellationToken) => source.ResolveAsync(question, cancellationToken), cancellationToken);
    }

    public void Dispose()
    {
        foreach (var source in routes.Values.Select(route => route.Own).OfType<ImageSource>().Concat(mirrors.Values))
            source.Dispose();
    }

    private async Task<Result<T, RegistryFailure>> AskAsync<T>(
        ImageReference image, Func<ImageSource, CancellationToken, Task<Result<T, RegistryFailure>>> ask, CancellationToken cancellationToken)
        where T : class
    {
        if (Take(image.Registry) is not { } route)
            return new RegistryFailure(RegistryFailureKind.Unreachable, $"invalid registry address '{image.Registry}' of {image.Repository}");

        using var timeout = new CancellationTokenSource(route.Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await AskAsync(route, ask, either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Failures.TookTooLong(image, route.Limit);
        }
        finally
        {
            lock (gate)
                route.Users--;
        }
    }

    // The mirrors in their order, then the registry itself. The first success is returned.
    private async Task<Result<T, RegistryFailure>> AskAsync<T>(
        Route route, Func<ImageSource, CancellationToken, Task<Result<T, RegistryFailure>>> ask, CancellationToken cancellationToken)
        where T : class
    {
        var before = new List<RegistryFailure>();
        foreach (var mirror in route.First.Where(mirror => mirror.SilentUntil <= time.GetUtcNow()))
        {
            var outcome = await ask(mirror, cancellationToken);
            if (outcome.IsSuccess(out _, out var failure))
                return outcome;
            if (failure.Kind is RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut)
                mirror.SilentUntil = time.GetUtcNow() + SilentFor;
            before.Add(failure);
        }

        var end = await ask(route.Last, cancellationToken);
        return end.IsSuccess(out _, out var refusal) || before.Count == 0 ? end : Failures.After(refusal, before);
    }

    private RegistryStatus StatusOf(Route route) => new(route.Name, route.Last.BackOff.Until(time.GetUtcNow()), route.Last.BackOff.RateLimit);

    private Route? Take(string registry)
    {
        lock (gate)
        {
            var route = RouteOf(registry);
            if (route is not null)
                route.Users++;
            return route;
        }
    }

    // Not kept if it can't be made: a file that is missing now may be there the next time.
    private Route? RouteOf(string registry)
    {
        lock (gate)
        {
            if (!routes.TryGetValue(registry, out var route) && (route = RouteTo(registry)) is not null)
                routes.Add(registry, route);
            return route;
        }
    }

    private Route? RouteTo(string registry)
    {
        var said = OptionsOf(registry);
        if (RegistryAddress.Of(said) is not { } address)
            return null;

        ImageSource[] before = [.. said.Mirrors.Select(MirrorOf)];
        var own = said.MirrorsOnly ? null : Connect(said.Registry, said, address, mirror: null);
        var last = own ?? before[^1];
        var timeouts = said.Mirrors.Sum(mirror => mirror.Timeout.TotalSeconds) + (own is null ? 0 : said.Timeout.TotalSeconds);
        return new Route(said.Registry, [.. before.Where(mirror => mirror != last)], last, own, TimeSpan.FromSeconds(Math.Max(ShortestLimit.TotalSeconds, TimeoutsInLimit * timeouts)));
    }

    private ImageSource MirrorOf(RegistryMirror mirror)
    {
        if (!mirrors.TryGetValue(mirror, out var source))
            mirrors.Add(mirror, source = Connect(mirror.Address!.Authority, mirror, mirror.Address, mirror));
        return source;
    }

    private ImageSource Connect(string name, EndpointOptions said, Uri address, RegistryMirror? mirror)
    {
        var backOff = new BackOff();
        return new ImageSource(name, address, said, mirror, RegistryHttpClient.Create(name, address, said, backOff, memory, ended, time, logger), backOff);
    }

    /// <param name="Name">The registry as in image references.</param>
    /// <param name="First">Mirrors, which are skipped for a while after a connection failure.</param>
    /// <param name="Last">The registry itself, or the last mirror if only mirrors are used. Never skipped.</param>
    /// <param name="Own">The registry itself; null if only mirrors are used.</param>
    /// <param name="Limit">The time limit for one question about one image.</param>
    private sealed record Route(string Name, IReadOnlyList<ImageSource> First, ImageSource Last, ImageSource? Own, TimeSpan Limit)
    {
        /// <summary>How many questions are running.</summary>
        public int Users { get; set; }
    }
}

/// <summary>Called when an HTTP request ends.</summary>
/// <param name="code">The response's status code, <c>timeout</c> or <c>unreachable</c>.</param>
/// <param name="took">Time until the response headers arrived or the request failed.</param>
internal delegate void RequestEnded(string registry, string code, TimeSpan took);

/// <param name="Credential">The origin of the credential that worked, or <c>anonymous</c>.</param>
/// <param name="Reader">Whose credential that was.</param>
/// <param name="Server">Name of the registry or mirror that answered.</param>
/// <param name="Note">What the user should know of how it was read; null if there is nothing.</param>
internal sealed record ResolvedImage(Manifest Manifest, string Credential, Reader Reader, string Server, string? Note);

/// <param name="BackingOffUntil">From 429, or 503 with Retry-After; null if there is no backoff.</param>
internal sealed record RegistryStatus(string Registry, DateTimeOffset? BackingOffUntil, RateLimit? RateLimit);
