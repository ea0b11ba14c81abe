namespace ImageUpdater.Registry.Transport;

/// <summary>One limit for one request, with its redirects and its body. Not HttpClient's own, which would count all attempts and their pauses.</summary>
/// <param name="ended">Called with <c>timeout</c> when the time limit is exceeded.</param>
internal sealed class TimeoutHandler(TimeSpan limit, Action<string, TimeSpan> ended, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await base.SendAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ended("timeout", time.GetElapsedTime(started));
            throw new RefusedException(Failures.TimedOut(RegistryCall.Of(request), limit));
        }
    }
}
