using System.Net;

namespace ImageUpdater.Registry.Transport;

/// <summary>Retries temporary failures (408, 5xx, lost connections) up to three attempts, with growing pauses of 0.5 to 2 seconds.</summary>
internal sealed class RetryHandler(TimeProvider time) : DelegatingHandler
{
    private const int MaxAttempts = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt < MaxAttempts; attempt++)
        {
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (!MayPass(response.StatusCode))
                    return response;
                response.Dispose();
            }
            catch (RefusedException refused) when (refused.Refusal.MayPass)
            {
                // The last attempt's failure is reported.
            }

            // Exponential, with random jitter so that many checks do not retry at the same moment.
            var pause = FirstPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause + (pause * Random.Shared.NextDouble()), time, cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }

    // 501 and 505 are permanent.
    private static bool MayPass(HttpStatusCode status) =>
        status == HttpStatusCode.RequestTimeout
        || (status >= HttpStatusCode.InternalServerError && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported));
}
