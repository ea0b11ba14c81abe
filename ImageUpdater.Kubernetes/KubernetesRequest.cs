using System.Net.Http.Headers;
using System.Text.Json.Serialization.Metadata;

namespace ImageUpdater.Kubernetes;

/// <summary>A request that can be made again: an HttpRequestMessage serves once.</summary>
/// <param name="Path">Escaped, without the query.</param>
internal sealed record KubernetesRequest<TAnswer>(HttpMethod Method, string Path, JsonTypeInfo<TAnswer> Answer)
    where TAnswer : class
{
    public string Query { get; init; } = "";

    public byte[]? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Null: the client's.</summary>
    public TimeSpan? Timeout { get; init; }

    public bool IsWrite => Method != HttpMethod.Get;

    public HttpRequestMessage ToMessage(KubernetesConnection connection, AuthenticationHeaderValue? authorization)
    {
        // The server's own path comes first: proxies such as Rancher's serve many clusters under one host.
        var server = connection.Endpoint.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var message = new HttpRequestMessage(Method, new Uri($"{server}{Path}{(Query.Length == 0 ? "" : "?" + Query)}"))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Authorization = authorization;
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        // SocketsHttpHandler takes the name for TLS from the Host header, and from nowhere else.
        message.Headers.Host = connection.Endpoint.ServerName;
        AddImpersonation(message.Headers, connection.User.Impersonation);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }

        return message;
    }

    private static void AddImpersonation(HttpRequestHeaders headers, Impersonation impersonation)
    {
        if (impersonation.User is not null)
            headers.Add("Impersonate-User", impersonation.User);
        if (impersonation.Uid is not null)
            headers.Add("Impersonate-Uid", impersonation.Uid);
        foreach (var group in impersonation.Groups)
            headers.Add("Impersonate-Group", group);
    }
}
