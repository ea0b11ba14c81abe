using System.Net;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry;

/// <summary>
/// A request with its retries. What may pass by itself (408, 5xx, a lost connection) gets another attempt after a growing
/// pause. 429, and 503 with a time, concern the whole registry: it is left alone, and waited for only where that is a matter of seconds.
/// </summary>
internal sealed class RegistryExchange(RegistryEndpoint endpoint, RegistryTransport transport, TimeProvider time)
{
    private const int MaxAttempts = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    public async Task<Result<RegistryAnswer, RegistryFailure>> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await WaitOrRefuseAsync(request, cancellationToken) is { } leftAlone)
                return leftAlone;

            var (outcome, mayPass) = await transport.SendAsync(request, cancellationToken);
            if (outcome.Value is { } answer && AsksForAPause(answer))
            {
                var until = RetryAfter.Until(answer.RetryAfter, time.GetUtcNow());
                endpoint.LeaveAlone(until);
                outcome = Failures.AskedForAPause(request, answer.Status, until);
                mayPass = until - time.GetUtcNow() <= LongestWait;
            }

            if (!mayPass || attempt == MaxAttempts)
                return outcome;

            // The length doubles; a random half of it keeps many checks from coming back at the same moment.
            var pause = FirstPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause + (pause * Random.Shared.NextDouble()), time, cancellationToken);
        }
    }

    private static bool AsksForAPause(RegistryAnswer answer) =>
        answer.Status == HttpStatusCode.TooManyRequests || (answer.Status == HttpStatusCode.ServiceUnavailable && RetryAfter.IsTime(answer.RetryAfter));

    private async Task<RegistryFailure?> WaitOrRefuseAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        while (endpoint.LeaveAloneUntil - time.GetUtcNow() is { Ticks: > 0 } wait)
        {
            if (wait > LongestWait)
                return Failures.LeftAlone(endpoint.Name, request.Subject, endpoint.LeaveAloneUntil);
            await Task.Delay(wait, time, cancellationToken);
        }

        return null;
    }
}
