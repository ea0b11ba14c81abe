using System.Net;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// The challenge of the API's base address, <c>/v2/</c>. Some registries send a challenge only there, and answer 401, 403 or 404 without one for
/// a repository that needs an account. docker, skopeo and go-containerregistry ask there before anything else.
/// </summary>
/// <param name="home">The registry's own address.</param>
internal sealed class BaseChallenge(Uri home, TimeProvider time)
{
    // So that a hundred missing images cause one request.
    private static readonly TimeSpan CacheFor = TimeSpan.FromMinutes(10);

    private readonly Uri address = home.AbsolutePath.StartsWith("/v2/", StringComparison.Ordinal) ? new Uri(home, "/v2/") : home;
    private volatile Cached? cached;

    /// <returns>Null if the registry sends none there, or does not answer.</returns>
    public async Task<Challenge?> GetAsync(RegistryCall of, Send send, CancellationToken cancellationToken)
    {
        if (cached is { } known && known.Until > time.GetUtcNow() && known.Until <= time.GetUtcNow() + CacheFor)
            return known.Challenge;

        using var request = (of with { Uri = address, ReadBody = null }).Request(HttpMethod.Get);
        var outcome = await send(request, cancellationToken).AsValueAsync();
        if (!outcome.IsSuccess(out var response, out _))
            return null;

        using (response)
        {
            var challenge = response.StatusCode == HttpStatusCode.Unauthorized && Origin.IsSame(home, response.RequestMessage!.RequestUri!)
                ? Challenge.Choose(ChallengeParser.Parse(response))
                : null;
            cached = new Cached(challenge, time.GetUtcNow() + CacheFor);
            return challenge;
        }
    }

    private sealed record Cached(Challenge? Challenge, DateTimeOffset Until);
}
