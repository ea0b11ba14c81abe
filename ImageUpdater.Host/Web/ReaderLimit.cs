namespace ImageUpdater.Host.Web;

/// <summary>
/// Limits how many reports and lists are made at the same time, since each takes some megabytes until its reader has received it: without a
/// limit, many readers would take the memory that the cycles need. Probes and metrics are small, and never wait.
/// </summary>
internal sealed partial class ReaderLimit(TimeProvider time, ILogger<ReaderLimit> logger) : IDisposable
{
    /// <summary>Requests that are answered at the same time.</summary>
    public const int AtOnce = 2;

    /// <summary>Requests that wait for that. All others are rejected at once.</summary>
    public const int MostWaiting = 16;

    private const string RetryAfterSeconds = "5";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim free = new(AtOnce);
    private int waiting;

    // An action waits for a cycle, and takes a place only for its response.
    public Task ApplyAsync(HttpContext context, RequestDelegate next) =>
        Endpoints.AreProbesOrMetrics(context) || ControllerAction.IsIn(context) ? next(context) : RunAsync(context, next);

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (!await EnterAsync(context.RequestAborted))
        {
            await RejectAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (OutOfMemoryException) when (!context.Response.HasStarted)
        {
            // Something else took the memory, for example a cycle over many workloads.
            OutOfMemory();
            await RejectAsync(context);
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose() => free.Dispose();

    private async Task<bool> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref waiting) > MostWaiting + AtOnce)
        {
            Interlocked.Decrement(ref waiting);
            return false;
        }

        using var patience = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await free.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private static Task RejectAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return context.Response.WriteAsync($"too many requests at the same time; retry in {RetryAfterSeconds} seconds\n", context.RequestAborted);
    }

    [LoggerMessage(320, LogLevel.Warning, "Not enough memory for a page: it was answered with 503. Raise the memory limit")]
    private partial void OutOfMemory();
}
