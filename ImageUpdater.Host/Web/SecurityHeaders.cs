using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Web;

/// <summary>Adds security headers to every response, and a message to error responses.</summary>
internal static partial class SecurityHeaders
{
    public static async Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";

        // The report's HTML has its own policy too, but frame-ancestors only works as a header.
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        try
        {
            await next(context);
        }
        catch (StateStoreException exception) when (!context.Response.HasStarted)
        {
            // A record that can't be read stays so: a retry does not help.
            var status = exception.Kind == StateStoreProblem.UnreadableRecord ? StatusCodes.Status500InternalServerError : StatusCodes.Status503ServiceUnavailable;
            await SayAsync(context, status, exception.Message);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            // A bug. The details go to the log only.
            Crashed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SecurityHeaders)), context.Request.Path, exception);
            await SayAsync(context, StatusCodes.Status500InternalServerError, "unexpected error; see the log");
        }

        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "method not allowed; use GET or HEAD");
    }

    [LoggerMessage(500, LogLevel.Error, "Request for {Path} failed")]
    private static partial void Crashed(ILogger logger, string path, Exception exception);

    private static Task SayAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
