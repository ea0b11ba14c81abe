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
/// The library's client on our own connection: whom to trust, the proxy and the client certificate are put into its handler, since what it
/// makes of them itself is wrong (docs/security.md). LibraryGapsTests say what for, one by one.
/// </summary>
internal sealed class KubernetesApi(KubernetesConnection connection, ClientCertificate? certificate, ILogger logger)
    : k8s.Kubernetes(Configuration(connection, certificate), new WarningHandler(logger), new ImpersonationHandler(connection.User.Impersonation), new ErrorBodyHandler())
{
    /// <summary>For an answer that is read by us while it arrives.</summary>
    /// <param name="path">With the query.</param>
    /// <exception cref="HttpOperationException">The response has an error status.</exception>
    /// <exception cref="JsonException">What came is not <typeparamref name="TAnswer"/>.</exception>
    public async Task<TAnswer?> SendAsync<TAnswer>(
        HttpMethod method, string path, V1Patch? patch, JsonTypeInfo<TAnswer> type, CallHeaders headers, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var response = await SendRequest(Relative(path), method, headers, patch, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonSerializer.DeserializeAsync(stream, type, cancellationToken);
    }

    /// <summary>The same for an answer that is one document after another, for as long as the server sends them.</summary>
    /// <param name="opened">The server has answered.</param>
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

    /// <summary>The library reads without waiting for what is not there yet: its thread stands, and no deadline ends it.</summary>
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
            // Of the library's own converters. Their text could quote what was read, a secret for one.
            if (exception is FormatException or ArgumentException or OverflowException)
                throw new JsonException();
            throw;
        }
    }

    // To the server's own path, which comes first: proxies such as Rancher's serve many clusters under one host.
    private static string Relative(string path) => path.TrimStart('/');

    private static KubernetesClientConfiguration Configuration(KubernetesConnection connection, ClientCertificate? certificate)
    {
        var configuration = new KubernetesClientConfiguration
        {
            Host = connection.Endpoint.Server.GetLeftPart(UriPartial.Path),
            TlsServerName = connection.Endpoint.ServerName,
            UserAgent = UserAgent.Product.ToString(),
            // The timeout is ours, by the injected clock.
            HttpClientTimeout = Timeout.InfiniteTimeSpan,
            FirstMessageHandlerSetup = handler => connection.Endpoint.Configure(handler, certificate),
        };
        configuration.AddJsonOptions(ApiJson.UseToWrite);
        return configuration;
    }
}
