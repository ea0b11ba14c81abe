using ImageUpdater.Http;
using ImageUpdater.Registry.Bodies;

namespace ImageUpdater.Registry.Transport;

/// <summary>Reads the body of a successful response while it arrives.</summary>
/// <exception cref="RefusedException">The body is refused.</exception>
/// <exception cref="IOException">The connection was lost.</exception>
internal delegate Task<object> ReadBody(RegistryCall call, Stream body, BodyMemory memory, CancellationToken cancellationToken);

/// <summary>Passed along with a request for the handlers: names for messages, and what is made of the response.</summary>
/// <param name="Uri">The original address, before redirects.</param>
/// <param name="Server">For messages: <c>docker.io</c>, <c>docker.io's token server auth.docker.io</c>.</param>
/// <param name="Subject">For messages, the image: <c>library/nginx:latest</c>.</param>
/// <param name="BodyLimit">Limit of the body of a successful response, in bytes; a longer one is a failure.</param>
/// <param name="ReadBody">Null to discard the body.</param>
internal sealed record RegistryCall(Uri Uri, string Server, string Subject, int BodyLimit, ReadBody? ReadBody)
{
    private static readonly HttpRequestOptionsKey<object> BodyKey = new("registry body");
    private static readonly HttpRequestOptionsKey<RegistryCall> Key = new("registry call");

    public static RegistryCall Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var call) ? call : throw new InvalidOperationException("the request was not made by RegistryCall.Request");

    /// <summary>What <see cref="ReadBody"/> made of the body.</summary>
    public static T BodyOf<T>(HttpResponseMessage response) =>
        response.RequestMessage!.Options.TryGetValue(BodyKey, out var body) ? (T)body : throw new InvalidOperationException("the body was not read");

    /// <summary>Keeps what was made of the body.</summary>
    public static void SetBody(HttpResponseMessage response, object body) => response.RequestMessage!.Options.Set(BodyKey, body);

    public HttpRequestMessage Request(HttpMethod method) => Request(method, Uri);

    /// <summary>The request for a redirect target, without the headers of the first request.</summary>
    public HttpRequestMessage Request(HttpMethod method, Uri uri)
    {
        var request = new HttpRequestMessage(method, uri);
        request.Headers.UserAgent.Add(UserAgent.Product);
        request.Options.Set(Key, this);
        return request;
    }

    /// <summary>The same question to a redirect target.</summary>
    public HttpRequestMessage Request(HttpRequestMessage like, Uri uri)
    {
        var request = Request(like.Method, uri);
        foreach (var accepted in like.Headers.Accept)
            request.Headers.Accept.Add(accepted);
        return request;
    }

    /// <summary>Whether the response is from the original host rather than from a redirect target.</summary>
    public bool IsAnsweredBy(HttpResponseMessage response) => Origin.IsSame(Uri, response.RequestMessage!.RequestUri!);
}
