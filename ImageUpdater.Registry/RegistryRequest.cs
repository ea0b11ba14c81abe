using System.Net;
using System.Net.Http.Headers;

namespace ImageUpdater.Registry;

/// <summary>One question to a registry or its token server.</summary>
/// <param name="Server">Who is asked, in words: <c>docker.io</c>, <c>docker.io's token server auth.docker.io</c>.</param>
/// <param name="Subject">What for, in words: <c>library/nginx:latest</c>.</param>
/// <param name="Form">The body of a POST; never sent on to where a redirect points.</param>
/// <param name="BodyLimit">Bytes of a successful answer that are read; more is a failure.</param>
internal sealed record RegistryRequest(
    HttpMethod Method,
    Uri Uri,
    string Server,
    string Subject,
    IReadOnlyList<string> Accept,
    int BodyLimit,
    AuthenticationHeaderValue? Authorization = null,
    IReadOnlyDictionary<string, string>? Form = null)
{
    // The generated one would print the credentials.
    public override string ToString() => $"{Method} {Uri.Authority}{Uri.AbsolutePath}";
}

/// <summary>What came back, reduced to what is used.</summary>
/// <param name="AtHome">The origin that was asked answered itself: challenges of others do not count.</param>
/// <param name="Body">Of a successful GET or POST; else empty.</param>
internal sealed record RegistryAnswer(
    HttpStatusCode Status,
    bool AtHome,
    string? ContentType,
    string? ContentDigest,
    string? RetryAfter,
    IReadOnlyList<string> Challenges,
    ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>408, and 5xx but for those that say: never.</summary>
    public bool MayPass =>
        Status == HttpStatusCode.RequestTimeout
        || ((int)Status >= 500 && Status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported));
}
