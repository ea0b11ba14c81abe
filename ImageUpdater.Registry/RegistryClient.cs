using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry;

/// <summary>
/// Reads from registries which digest a tag serves. Every failure is a value with a message; only cancellation throws. The caller asks
/// once per distinct image (<see cref="RegistryObserver"/> does many); this class limits the requests.
/// </summary>
internal sealed class RegistryClient : IDisposable
{
    // Otherwise every image would use its attempts and timeouts on an unreachable mirror.
    private static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, RegistryOptions> options;
    private readonly ConcurrentDictionary<string, Lazy<Route?>> routes = new(StringComparer.OrdinalIgnoreCase);

    // By what is said of it: a mirror of many registries is one host with one bound.
    private readonly ConcurrentDictionary<RegistryMirror, Lazy<ImageSource>> mirrors = new();
    private readonly TimeProvider time;
    private readonly RequestEnded? ended;
    private readonly ILogger<RegistryClient> logger;

    /// <param name="registries">Those that are configured, without problems (the Host's RegistryConfiguration).</param>
    /// <param name="ended">Called for every request, from several threads.</param>
    public RegistryClient(IReadOnlyList<RegistryOptions> registries, TimeProvider time, ILogger<RegistryClient> logger, RequestEnded? ended = null)
    {
        (this.time, this.logger, this.ended) = (time, logger, ended);
        options = registries.ToDictionary(registry => registry.Registry, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What each registry that was asked so far said of itself. Mirrors are not in it.</summary>
    public IReadOnlyList<RegistryStatus> Registries =>
    [
        .. routes.Values
            .Select(route => route.Value?.Own)
            .OfType<ImageSource>()
            .OrderBy(source => source.Name, StringComparer.Ordinal)
            .Select(StatusOf),
    ];

    /// <summary>Those of the registry's own entry, else those of the entry for all others, else the defaults.</summary>
    public RegistryOptions OptionsOf(string registry) =>
        options.GetValueOrDefault(registry) ?? (options.GetValueOrDefault(RegistryOptions.AnyHost) ?? new RegistryOptions()) with { Host = registry };

    /// <summary>It asked for that earlier, perhaps of another process: <see cref="RegistryStatus.BackingOffUntil"/>.</summary>
    public void BackOffUntil(string registry, DateTimeOffset until) => RouteOf(registry)?.Own.BackOff.Extend(until);

    /// <summary>What the registry said of itself; null where it was not asked yet, or can't be.</summary>
    public RegistryStatus? StatusOf(string registry) =>
        routes.TryGetValue(registry, out var route) && route.Value is { Own: var source } ? StatusOf(source) : null;

    /// <summary>The digest that the tag serves now; for an image pinned by digest, whether that is still served.</summary>
    /// <param name="candidates">Credentials for this image, in order; anonymous comes last by itself.</param>
    public async Task<ImageCheck> CheckAsync(
        ImageReference image, IReadOnlyList<RegistryCredential> candidates, CancellationToken cancellationToken)
    {
        var question = new Question(image, Digest: null, candidates, Attempts: null);
        var answer = await AskAsync(image, source => source.CheckAsync(question, cancellationToken));
        return answer.IsSuccess(out var served, out var failure)
            ? new ServedCheck(image, time.GetUtcNow(), served.Digest, served.MediaType)
            : new FailedCheck(image, time.GetUtcNow(), failure);
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

    /// <param name="attempts">Called when an attempt ends.</param>
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

    // The mirrors in their order, then the registry itself: the first that serves the image counts.
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
        new(source.Name, source.BackOff.Until > time.GetUtcNow() ? source.BackOff.Until : null, source.BackOff.RateLimit);

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

    /// <param name="First">Mirrors that are asked before, and left out while they are silent.</param>
    /// <param name="Last">The registry itself, or the last mirror where only these are asked.</param>
    /// <param name="Own">The registry itself.</param>
    private sealed record Route(IReadOnlyList<ImageSource> First, ImageSource Last, ImageSource Own);
}

/// <summary>A request over the wire has ended.</summary>
/// <param name="code">The answer's status code, <c>timeout</c> or <c>unreachable</c>.</param>
/// <param name="took">Until the answer began, or the request was given up.</param>
internal delegate void RequestEnded(string registry, string code, TimeSpan took);

/// <param name="Credential">The origin of the credential that worked, or <c>anonymous</c>.</param>
/// <param name="Server">Who answered: the registry, or which of its mirrors.</param>
internal sealed record ResolvedImage(Manifest Manifest, string Credential, string Server);

/// <param name="BackingOffUntil">It asked for that; null where it is asked as usual.</param>
internal sealed record RegistryStatus(string Registry, DateTimeOffset? BackingOffUntil, RateLimit? RateLimit);
