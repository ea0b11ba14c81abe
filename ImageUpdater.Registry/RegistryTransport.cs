using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;
using ImageUpdater.Http;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.Registry;

/// <summary>A request over the wire has ended.</summary>
/// <param name="code">The answer's status code, <c>timeout</c> or <c>unreachable</c>.</param>
/// <param name="took">Until the answer began, or the request was given up.</param>
internal delegate void RequestEnded(string registry, string code, TimeSpan took);

/// <summary>
/// One request over the wire, with its redirects, within one timeout and one size. Redirects are followed by hand: the
/// platform's own drop the credentials even at home, and know nothing of <see cref="NetworkRules"/>.
/// </summary>
internal sealed partial class RegistryTransport(RegistryEndpoint endpoint, RequestEnded? ended, TimeProvider time, ILogger logger)
{
    private const int MaxRedirects = 5;
    private const int MaxLocationLength = 4096;

    /// <summary>The answer, or a failure and whether another attempt may mend it.</summary>
    public async Task<(Result<RegistryAnswer, RegistryFailure> Outcome, bool MayPass)> SendAsync(
        RegistryRequest request, CancellationToken cancellationToken)
    {
        await endpoint.Slots.WaitAsync(cancellationToken);
        var started = time.GetTimestamp();
        var at = new Place(request.Uri);
        try
        {
            using var timeout = new CancellationTokenSource(endpoint.Options.Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            var outcome = await FollowAsync(request, at, either.Token);
            return (outcome, outcome.Value?.MayPass ?? false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ended?.Invoke(endpoint.Name, "timeout", time.GetElapsedTime(started));
            var limit = endpoint.Options.Timeout;
            return (Failures.TimedOut(request, limit), MayPass: false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            ended?.Invoke(endpoint.Name, "unreachable", time.GetElapsedTime(started));
            LogUnreachable(request.Method, request.Uri.Host, request.Uri.AbsolutePath, exception);
            return (Failures.Unreachable(request, at.Uri, endpoint.ProxyFor(at.Uri), exception), MayPass: !Failures.IsAboutTrust(exception));
        }
        finally
        {
            endpoint.Slots.Release();
        }
    }

    private async Task<Result<RegistryAnswer, RegistryFailure>> FollowAsync(RegistryRequest request, Place at, CancellationToken cancellationToken)
    {
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            var uri = at.Uri;

            // The first place too: it may be a token server, which the registry names.
            var verdict = await NetworkRules.JudgeAsync(uri, endpoint.Address, endpoint.Options.TokenHosts, cancellationToken);
            if (verdict.Refusal is { } refusal)
                return redirects == 0 ? Failures.NotAsked(request, refusal) : Failures.Redirect(request, refusal);

            var atHome = RegistryAddress.SameOrigin(uri, request.Uri);
            var started = time.GetTimestamp();
            using var message = Message(request, uri, atHome);
            if (verdict.Addresses is { } addresses)
                message.Options.Set(Dialer.OnlyAddresses, addresses);
            using var response = await endpoint.HttpFor(uri).SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var took = time.GetElapsedTime(started);
            ended?.Invoke(endpoint.Name, ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), took);
            LogAnswered(request.Method, uri.Host, uri.AbsolutePath, (int)response.StatusCode, took.TotalMilliseconds);

            if (!IsRedirect(response.StatusCode))
            {
                if (RegistryAddress.SameOrigin(uri, endpoint.Address))
                    NoteRateLimit(response.Headers);
                return await AnswerAsync(request, response, atHome, cancellationToken);
            }

            if (request.Form is not null || Location(response, uri) is not { } next)
                return Failures.Redirect(request, "nowhere that could be followed");
            if (uri.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
                return Failures.Redirect(request, $"{next.Authority} without HTTPS");
            at.Uri = next;
        }

        return Failures.Redirect(request, $"yet another place, more than {MaxRedirects} times");
    }

    private static HttpRequestMessage Message(RegistryRequest request, Uri uri, bool atHome)
    {
        var message = new HttpRequestMessage(request.Method, uri);
        foreach (var mediaType in request.Accept)
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
        if (atHome)
            message.Headers.Authorization = request.Authorization;
        if (request.Form is not null)
            message.Content = new FormUrlEncodedContent(request.Form);
        return message;
    }

    private void NoteRateLimit(HttpResponseHeaders headers)
    {
        if (RateLimitHeaders.Parse(Single(headers, "ratelimit-limit"), Single(headers, "ratelimit-remaining"), time.GetUtcNow()) is { } rateLimit)
            endpoint.RateLimit = rateLimit;
    }

    private static async Task<Result<RegistryAnswer, RegistryFailure>> AnswerAsync(
        RegistryRequest request, HttpResponseMessage response, bool atHome, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? body = ReadOnlyMemory<byte>.Empty;
        try
        {
            if (response.IsSuccessStatusCode && request.Method != HttpMethod.Head)
                body = await BodyAsync(response.Content, request.BodyLimit, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return Failures.Invalid(request.Server, request.Subject, "sent an answer that is not the gzip that it says it is");
        }

        if (body is null)
            return Failures.TooLarge(request);

        return new RegistryAnswer(
            response.StatusCode,
            atHome,
            response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(),
            Single(response.Headers, "Docker-Content-Digest"),
            Single(response.Headers, "Retry-After"),
            response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var challenges) ? [.. challenges] : [],
            body.Value);
    }

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContent content, int limit, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
            return null;

        await using var sent = await content.ReadAsStreamAsync(cancellationToken);
        await using var stream = IsZipped(content) ? new GZipStream(sent, CompressionMode.Decompress) : sent;
        return await BoundedBody.ReadAsync(stream, limit, cancellationToken);
    }

    // It was not asked for, but there are proxies that do it all the same. The digest is that of what was zipped.
    private static bool IsZipped(HttpContent content) => content.Headers.ContentEncoding.SequenceEqual(["gzip"], StringComparer.OrdinalIgnoreCase);

    private static Uri? Location(HttpResponseMessage response, Uri current) =>
        Single(response.Headers, "Location") is { Length: <= MaxLocationLength } location && Uri.TryCreate(current, location, out var next)
            ? next
            : null;

    // The raw value; null where the header is missing or comes more than once, which says nothing certain.
    private static string? Single(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) && values.Count == 1 ? values.ToString() : null;

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    /// <summary>Where the redirects have led so far, for the one who has to tell of a failure.</summary>
    private sealed class Place(Uri uri)
    {
        public Uri Uri { get; set; } = uri;
    }

    [LoggerMessage(2001, LogLevel.Debug, "{Method} {Host}{Path} answered {Status} after {Milliseconds:F0} ms")]
    private partial void LogAnswered(HttpMethod method, string host, string path, int status, double milliseconds);

    [LoggerMessage(2002, LogLevel.Debug, "{Method} {Host}{Path} got no answer")]
    private partial void LogUnreachable(HttpMethod method, string host, string path, Exception exception);
}
