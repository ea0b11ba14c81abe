using ImageUpdater.Http;

namespace ImageUpdater.Registry.Transport;

/// <summary>What goes along with a request, for the handlers to read: what is asked, in words for a person, and how much may come back.</summary>
/// <param name="Uri">What is asked first. Redirects lead elsewhere.</param>
/// <param name="Server">Who is asked: <c>docker.io</c>, <c>docker.io's token server auth.docker.io</c>.</param>
/// <param name="Subject">What for: <c>library/nginx:latest</c>.</param>
/// <param name="BodyLimit">Bytes of a successful answer that are read; more is a failure.</param>
internal sealed record RegistryCall(Uri Uri, string Server, string Subject, int BodyLimit)
{
    private static readonly HttpRequestOptionsKey<RegistryCall> Key = new("registry call");

    public static RegistryCall Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var call) ? call : throw new InvalidOperationException("the request was not made by RegistryCall.Request");

    public HttpRequestMessage Request(HttpMethod method) => Request(method, Uri);

    /// <summary>The same question to the place that a redirect names, without anything that is for the first one.</summary>
    public HttpRequestMessage Request(HttpMethod method, Uri uri)
    {
        var request = new HttpRequestMessage(method, uri);
        request.Headers.UserAgent.Add(UserAgent.Product);
        request.Options.Set(Key, this);
        return request;
    }

    /// <summary>Whether the place that was asked answered itself, and not one that it redirected to.</summary>
    public bool IsAnsweredBy(HttpResponseMessage response) => Origin.IsSame(Uri, response.RequestMessage!.RequestUri!);
}
