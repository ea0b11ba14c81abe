using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Connection;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Kubernetes.Calls;

/// <summary>
/// The client library's client with our own TLS, proxy and client certificate settings, because the library's are wrong or insecure
/// (docs/security.md). LibraryGapsTests has one test for each reason.
/// </summary>
internal sealed class KubernetesApi(KubernetesConnection connection, ClientCertificate? certificate, ILogger logger)
    : k8s.Kubernetes(Configuration(connection, certificate), new WarningHandler(logger), new ImpersonationHandler(connection.User.Impersonation), new ErrorBodyHandler())
{
    /// <summary>Sends a request and deserializes the response while it arrives.</summary>
    /// <param name="path">Path and query.</param>
    /// <exception cref="HttpOperationException">The response has an error status.</exception>
    /// <exception cref="JsonException">The response is not a <typeparamref name="TAnswer"/>.</exception>
    public async Task<TAnswer?> SendAsync<TAnswer>(
        HttpMethod method, string path, V1Patch? patch, JsonTypeInfo<TAnswer> type, CallHeaders headers, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var response = await SendRequest(Relative(path), method, headers, patch, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonSerializer.DeserializeAsync(stream, type, cancellationToken);
    }

    /// <summary>Sends a request and deserializes a stream of JSON documents until the server ends it.</summary>
    /// <param name="opened">Called when the response headers have arrived.</param>
    public async IAsyncEnumerable<TItem?> StreamAsync<TItem>(
        string path, JsonTypeInfo<TItem> type, Action opened, CallHeaders headers, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TItem : class
    {
        using var response = await SendRequest<V1Patch?>(Relative(path), HttpMethod.Get, headers, body: null, cancellationToken);
        opened();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable(stream, type, topLevelValues: true, cancellationToken))
            yield return item;
    }

    /// <summary>Replaces the client library's synchronous read, which blocks a thread and ignores cancellation.</summary>
    protected override async Task<HttpOperationResponse<T>> CreateResultAsync<T>(
        HttpRequestMessage httpRequest, HttpResponseMessage httpResponse, bool? watch, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await httpResponse.Content.ReadAsStreamAsync(cancellationToken);
            var body = await JsonSerializer.DeserializeAsync(stream, AnswerJson.Type<T>(), cancellationToken);
            return new HttpOperationResponse<T> { Request = httpRequest, Response = httpResponse, Body = body! };
        }
        catch (Exception exception)
        {
            httpResponse.Dispose();
            // Thrown by the library's converters. The message is left out: it could quote the response, which may be a Secret.
            if (exception is FormatException or ArgumentException or OverflowException)
                throw new JsonException();
            throw;
        }
    }

    // Relative to the path of the server's address: proxies such as Rancher's serve each cluster under its own path.
    private static string Relative(string path) => path.TrimStart('/');

    private static KubernetesClientConfiguration Configuration(KubernetesConnection connection, ClientCertificate? certificate)
    {
        var configuration = new KubernetesClientConfiguration
        {
            Host = connection.Endpoint.Server.GetLeftPart(UriPartial.Path),
            TlsServerName = connection.Endpoint.ServerName,
            UserAgent = UserAgent.Product.ToString(),
            // ApiCalls limits the time, with the injected clock.
            HttpClientTimeout = Timeout.InfiniteTimeSpan,
            FirstMessageHandlerSetup = handler =>
            {
                connection.Endpoint.Configure(handler, certificate);
                handler.RequestHeaderEncodingSelector = (header, _) => ImpersonationHandler.EncodingOf(header);
            },
        };
        configuration.AddJsonOptions(ApiJson.UseToWrite);
        return configuration;
    }
}
