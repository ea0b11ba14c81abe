namespace ImageUpdater.Registry.Transport;

/// <summary>Limits the time of one attempt, including redirects and body. HttpClient.Timeout would include all attempts and their pauses.</summary>
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
