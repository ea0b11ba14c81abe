using System.Net;

namespace ImageUpdater.Registry.Transport;

/// <summary>What may pass by itself (408, 5xx, a lost connection) gets another attempt after a growing pause.</summary>
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

            // The length doubles; a random half of it keeps many checks from coming back at the same moment.
            var pause = FirstPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause + (pause * Random.Shared.NextDouble()), time, cancellationToken);
        }

        return await base.SendAsync(request, cancellationToken);
    }

    // 5xx but for those that say: never.
    private static bool MayPass(HttpStatusCode status) =>
        status == HttpStatusCode.RequestTimeout
        || (status >= HttpStatusCode.InternalServerError && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported));
}
