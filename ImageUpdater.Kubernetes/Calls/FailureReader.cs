using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Connection;
using k8s.Autorest;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>Maps error responses and connection errors to a kind and a message.</summary>
internal static class FailureReader
{
    public static KubernetesFailure Of(HttpResponseMessageWrapper response) => new(
        KindOf(response.StatusCode),
        MessageOf(response.Content) ?? $"the Kubernetes API answered {(int)response.StatusCode} {UntrustedText.Bound(response.ReasonPhrase)}".TrimEnd());

    /// <summary>SocketsHttpHandler.ConnectTimeout has passed.</summary>
    public static KubernetesFailure NoConnection(KubernetesConnection connection) => Unreachable(connection, "timed out while connecting");

    public static KubernetesFailure Unreachable(HttpRequestException exception, KubernetesConnection connection)
    {
        var why = exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => "the host name can't be resolved",
            HttpRequestError.SecureConnectionError when exception.InnerException is { } inner => inner.Message,
            HttpRequestError.ResponseEnded => "the connection was closed before the response",
            _ => exception.Message,
        };
        return Unreachable(connection, why);
    }

    /// <summary>Whether the request can't have left this machine.</summary>
    public static bool BeforeSending(HttpRequestException exception) => exception.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    /// <summary>Whether a retry may succeed; not for a wrong certificate.</summary>
    public static bool MayPass(HttpRequestException exception) => exception.InnerException is not AuthenticationException;

    private static KubernetesFailure Unreachable(KubernetesConnection connection, string why) => new(
        KubernetesFailureKind.Unreachable,
        $"the Kubernetes API at {connection.Endpoint.Server.Authority} could not be reached: {UntrustedText.Bound(why)}");

    private static KubernetesFailureKind KindOf(HttpStatusCode status) => (int)status switch
    {
        401 => KubernetesFailureKind.Unauthorized,
        403 => KubernetesFailureKind.Forbidden,
        404 => KubernetesFailureKind.NotFound,
        409 => KubernetesFailureKind.Conflict,
        410 => KubernetesFailureKind.Gone,
        429 => KubernetesFailureKind.RateLimited,
        >= 500 => KubernetesFailureKind.ServerError,
        >= 400 => KubernetesFailureKind.Invalid,
        _ => KubernetesFailureKind.InvalidAnswer,
    };

    // Null for a body that is not a Status, for example a proxy's error page.
    private static string? MessageOf(string body)
    {
        try
        {
            var status = JsonSerializer.Deserialize(body, AnswerJson.Type<V1Status>());
            return status is { Kind: "Status", Message.Length: > 0 } ? UntrustedText.Bound(status.Message) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
