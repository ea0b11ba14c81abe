using ImageUpdater.Core;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Logs the API server's Warning headers, which the client library ignores.</summary>
internal sealed class WarningHandler(ILogger logger) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        foreach (var warning in response.Headers.Warning)
            CallLog.Warned(logger, request.Method.Method, request.RequestUri?.AbsolutePath, UntrustedText.Bound(warning.Text));
        return response;
    }
}
