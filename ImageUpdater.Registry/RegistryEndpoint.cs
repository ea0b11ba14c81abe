using System.Collections.Concurrent;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry;

/// <summary>What is known of one registry, or of one mirror, while the program runs: nothing of it is stored.</summary>
/// <param name="name">For a person: the registry's name, or the mirror's host.</param>
/// <param name="address">Where its API begins.</param>
internal sealed class RegistryEndpoint(string name, EndpointOptions options, Uri address, EndpointHttp http) : IDisposable
{
    private long _leaveAloneUntil;
    private long _silentUntil;
    private volatile RateLimit? _rateLimit;

    public string Name => name;

    public EndpointOptions Options => options;

    public Uri Address => address;

    public HttpClient HttpFor(Uri target) => RegistryAddress.SameHost(target, address) ? http.Home : http.Elsewhere;

    /// <summary>Host and port; null where it is asked without one.</summary>
    public string? ProxyFor(Uri target) => http.Proxy.For(target);

    public SemaphoreSlim Slots { get; } = new(options.MaxConcurrency);

    public ConcurrentDictionary<TokenKey, Lazy<Task<Result<Token, RegistryFailure>>>> Tokens { get; } = new();

    /// <summary>
    /// What it asked for last, by repository: answering that at once saves a request per check. Not for the whole registry,
    /// where public repositories may ask for nothing and tokens for them may not be had.
    /// </summary>
    public ConcurrentDictionary<string, Challenge> Challenges { get; } = new(StringComparer.Ordinal);

    public RateLimit? RateLimit
    {
        get => _rateLimit;
        set => _rateLimit = value;
    }

    /// <summary>It gave no answer: not asked again before, where there is another place to ask.</summary>
    public DateTimeOffset SilentUntil
    {
        get => new(Interlocked.Read(ref _silentUntil), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _silentUntil, value.UtcTicks);
    }

    public DateTimeOffset LeaveAloneUntil => new(Interlocked.Read(ref _leaveAloneUntil), TimeSpan.Zero);

    /// <summary>Only ever longer: an answer that was under way must not end the pause early.</summary>
    public void LeaveAlone(DateTimeOffset until)
    {
        var seen = Interlocked.Read(ref _leaveAloneUntil);
        while (until.UtcTicks > seen)
        {
            var before = Interlocked.CompareExchange(ref _leaveAloneUntil, until.UtcTicks, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    public void Dispose() => Slots.Dispose();
}
