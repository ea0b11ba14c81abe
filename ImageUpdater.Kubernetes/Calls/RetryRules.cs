using System.Net;
using System.Net.Http.Headers;
using k8s.Autorest;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>A failed attempt, and whether it may be retried.</summary>
internal sealed record FailedAttempt(KubernetesFailure Failure)
{
    /// <summary>The delay from Retry-After; null if the server did not ask for a retry.</summary>
    public TimeSpan? AskedToWait { get; init; }

    /// <summary>The connection failed and a retry may succeed.</summary>
    public bool Broke { get; init; }

    /// <summary>The API returned 401, and the credential source may have a new credential.</summary>
    public bool MayRenew { get; init; }
}

/// <summary>Decides whether a call is retried: once after 401, three times if the server asks for it, twice after a connection failure.</summary>
internal sealed class RetryRules(bool isWrite)
{
    private const int MaxAsked = 3;
    private const int MaxBroke = 2;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    private int asked;
    private int broke;
    private bool renewed;

    /// <returns>The delay before the next attempt; null for no retry.</returns>
    public TimeSpan? Next(FailedAttempt attempt)
    {
        if (attempt.MayRenew && !renewed)
        {
            renewed = true;
            return TimeSpan.Zero;
        }

        if (attempt.AskedToWait is { } wait && asked < MaxAsked)
        {
            asked++;
            return wait < LongestWait ? wait : LongestWait;
        }

        // A write is not retried: it may have taken effect, which the caller finds out (intent recovery).
        if (attempt.Broke && !isWrite && broke < MaxBroke)
            return FirstPause * ++broke;

        return null;
    }

    /// <summary>The delay from Retry-After of a 429 or 5xx; null for other responses.</summary>
    public static TimeSpan? AskedToWait(HttpResponseMessageWrapper response, TimeProvider time)
    {
        if (response.StatusCode != HttpStatusCode.TooManyRequests && (int)response.StatusCode < 500)
            return null;
        if (!response.Headers.TryGetValue("Retry-After", out var values) || !RetryConditionHeaderValue.TryParse(values.FirstOrDefault(), out var header))
            return null;

        var wait = header.Delta ?? (header.Date is { } date ? date - time.GetUtcNow() : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
