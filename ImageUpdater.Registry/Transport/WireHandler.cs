using System.Globalization;
using ImageUpdater.Http;
using ImageUpdater.Registry.Bodies;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry.Transport;

/// <summary>The innermost handler: counts, times and logs each request, reads its response, and turns connection failures into messages.</summary>
/// <param name="ended">Called with the response's status code when it begins, or <c>unreachable</c> if there is none or the connection is lost.</param>
internal sealed partial class WireHandler(ProxyChoice proxy, BodyMemory memory, Action<string, TimeSpan> ended, TimeProvider time, ILogger logger) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (call, uri) = (RegistryCall.Of(request), request.RequestUri!);
        var started = time.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            var took = time.GetElapsedTime(started);
            ended(((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), took);
            LogAnswered(request.Method, uri.Host, uri.AbsolutePath, (int)response.StatusCode, took.TotalMilliseconds);
            await WholeAnswer.ReadAsync(response, memory, cancellationToken);
            return response;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            ended("unreachable", time.GetElapsedTime(started));
            LogUnreachable(request.Method, uri.Host, uri.AbsolutePath, exception);
            throw new RefusedException(new Refusal(
                Failures.Unreachable(call, uri, proxy.For(uri), exception), MayPass: !Failures.IsAboutTrust(exception)));
        }
    }

    [LoggerMessage(3101, LogLevel.Debug, "{Method} {Host}{Path} answered {Status} after {Milliseconds:F0} ms")]
    private partial void LogAnswered(HttpMethod method, string host, string path, int status, double milliseconds);

    [LoggerMessage(3102, LogLevel.Debug, "{Method} {Host}{Path} failed without a response")]
    private partial void LogUnreachable(HttpMethod method, string host, string path, Exception exception);
}
