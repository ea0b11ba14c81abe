using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Web;

/// <summary>What holds for every answer: headers that keep browsers strict, and a sentence where a page can't be had.</summary>
internal static partial class SecurityHeaders
{
    public static async Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";

        // In the page the report has a policy of its own; a page may be framed only where a header lets it.
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        try
        {
            await next(context);
        }
        catch (StateStoreException exception) when (!context.Response.HasStarted)
        {
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, exception.Message);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            // A bug. Whoever asked gets a sentence too; what it was is for the log.
            Crashed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SecurityHeaders)), context.Request.Path, exception);
            await SayAsync(context, StatusCodes.Status500InternalServerError, "unexpected failure: the log says where");
        }

        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "everything here is read-only: ask with GET or HEAD");
    }

    [LoggerMessage(500, LogLevel.Error, "{Path} could not be answered")]
    private static partial void Crashed(ILogger logger, string path, Exception exception);

    private static Task SayAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
