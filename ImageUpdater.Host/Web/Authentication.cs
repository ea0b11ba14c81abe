using System.Net;
using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Web;

/// <summary>
/// With <c>Web:AuthFile</c>, answers only who the file names, except to probes and Prometheus: the kubelet can't authenticate, and no metric
/// has the name of a workload or an image. Without a readable file, nobody is answered. Actions have their own token (<see cref="ActionAccess"/>).
/// </summary>
internal sealed partial class Authentication(ServingOptions serving, TimeProvider time, ILogger<Authentication> logger)
{
    // The kubelet swaps symlinks when a Secret changes. To read a small file again is simpler than to watch that.
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LogRejectedEvery = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private AuthFile? current;
    private string? problem;
    private long? readAt;
    private long? rejectedLoggedAt;
    private int rejected;

    public Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        if (serving.AuthFile is not { } path || Endpoints.AreProbesOrMetrics(context) || ControllerAction.IsIn(context))
            return next(context);
        if (Current(path) is not { } file)
            return Endpoints.AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "the users can't be read; see the log");

        var authorization = context.Request.Headers.Authorization;
        if (authorization.Count == 1 && file.Accepts(authorization[0]))
            return next(context);

        // A browser sends its first request without.
        if (authorization.Count > 0)
            CountRejected(context.Connection.RemoteIpAddress);
        context.Response.Headers.WWWAuthenticate = file.Challenges;
        return Endpoints.AnswerAsync(context, StatusCodes.Status401Unauthorized, authorization.Count > 0 ? "wrong user, password or token" : "authentication required");
    }

    private AuthFile? Current(string path)
    {
        lock (gate)
        {
            if (readAt is { } at && time.GetElapsedTime(at) < ReadAgainAfter)
                return current;

            var read = AuthFile.Read(path);
            (current, readAt) = (read.Value, time.GetTimestamp());
            if (read.Failure is { } unreadable && unreadable != problem)
                Unreadable(unreadable);
            else if (read.Failure is null && problem is not null)
                ReadableAgain(path);
            problem = read.Failure;
            return current;
        }
    }

    /// <summary>Guesses come in thousands; they are logged once a minute.</summary>
    public void CountRejected(IPAddress? client)
    {
        lock (gate)
        {
            rejected++;
            if (rejectedLoggedAt is { } at && time.GetElapsedTime(at) < LogRejectedEvery)
                return;
            Rejected(rejected, client is { IsIPv4MappedToIPv6: true } ? client.MapToIPv4() : client);
            (rejected, rejectedLoggedAt) = (0, time.GetTimestamp());
        }
    }

    [LoggerMessage(321, LogLevel.Error, "Web:AuthFile can't be used, so reports and API are refused to everybody: {Problem}")]
    private partial void Unreadable(string problem);

    [LoggerMessage(322, LogLevel.Information, "Web:AuthFile can be used again: {Path}")]
    private partial void ReadableAgain(string path);

    [LoggerMessage(323, LogLevel.Warning, "Requests with a wrong user, password or token since this was last logged: {Count}, the newest from {Client}")]
    private partial void Rejected(int count, IPAddress? client);
}
