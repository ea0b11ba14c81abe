using System.Net;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// 429, and 503 with Retry-After, start a backoff for the whole host. During a backoff requests fail without being sent, unless it ends
/// within five seconds: then they wait.
/// </summary>
/// <param name="name">Name of the host, for messages.</param>
/// <param name="home">The host's own address; rate limit headers from other hosts (redirects, token servers) are ignored.</param>
internal sealed class BackOffHandler(string name, Uri home, BackOff backOff, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = RegistryCall.Of(request);
        while (time.GetUtcNow() is var now && backOff.Until(now) is { } end)
        {
            var wait = end - now;
            if (wait > LongestWait)
                throw new RefusedException(Failures.BackingOff(name, call.Subject, end));
            await Task.Delay(wait, time, cancellationToken);
        }

        var response = await base.SendAsync(request, cancellationToken);
        NoteRateLimit(response);
        var retryAfter = response.Headers.Single("Retry-After");
        if (response.StatusCode != HttpStatusCode.TooManyRequests
            && (response.StatusCode != HttpStatusCode.ServiceUnavailable || !RetryAfter.IsTime(retryAfter)))
        {
            return response;
        }

        using (response)
        {
            var until = RetryAfter.Until(retryAfter, time.GetUtcNow());
            backOff.Extend(until);
            throw new RefusedException(new Refusal(
                Failures.BackOff(call, response.StatusCode, until), MayPass: until - time.GetUtcNow() <= LongestWait));
        }
    }

    private void NoteRateLimit(HttpResponseMessage response)
    {
        var (limit, remaining) = (response.Headers.Single("ratelimit-limit"), response.Headers.Single("ratelimit-remaining"));
        if (Origin.IsSame(home, response.RequestMessage!.RequestUri!) && RateLimitHeaders.Parse(limit, remaining, time.GetUtcNow()) is { } rateLimit)
            backOff.RateLimit = rateLimit;
    }
}
