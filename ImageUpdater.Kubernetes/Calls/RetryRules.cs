using System.Net;
using System.Net.Http.Headers;
using k8s.Autorest;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>A failed attempt, and whether it may be retried.</summary>
internal sealed record FailedAttempt(KubernetesFailure Failure)
{
    /// <summary>When the server asked for a retry.</summary>
    public TimeSpan? AskedToWait { get; init; }

    /// <summary>The connection failed in a way that may pass.</summary>
    public bool Broke { get; init; }

    /// <summary>Refused, and fresh credentials may be had.</summary>
    public bool MayRenew { get; init; }
}

/// <summary>How often one call is made again.</summary>
internal sealed class RetryRules(bool isWrite)
{
    private const int MaxAsked = 3;
    private const int MaxBroke = 2;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    private int asked;
    private int broke;
    private bool renewed;

    /// <returns>How long to wait before the next attempt; null for no other.</returns>
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

        // The caller recovers a write that may have been applied.
        if (attempt.Broke && !isWrite && broke < MaxBroke)
            return FirstPause * ++broke;

        return null;
    }

    /// <summary>What Retry-After says, on the answers where it counts.</summary>
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
