using System.Net;
using ImageUpdater.Http;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// Follows redirects. Those of SocketsHttpHandler would drop the credentials even for the same host, and do not apply <see cref="NetworkRules"/>.
/// </summary>
/// <param name="home">The registry's own address.</param>
/// <param name="tokenHosts">Hosts that the user allows by name, wherever they are.</param>
internal sealed class RedirectHandler(Uri home, IReadOnlyList<string> tokenHosts) : DelegatingHandler
{
    private const int MaxRedirects = 5;
    private const int MaxLocationLength = 4096;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = RegistryCall.Of(request);
        var hop = request;
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            // The first address is checked too: it may be a token server named by the registry.
            var verdict = await NetworkRules.CheckAsync(hop.RequestUri!, home, tokenHosts, cancellationToken);
            if (verdict.Refusal is { } refusal)
                throw new RefusedException(redirects == 0 ? Failures.NotAsked(call, refusal) : Failures.Redirect(call, refusal));
            if (verdict.Addresses is { } addresses)
                hop.Options.Set(Dialer.OnlyAddresses, addresses);

            var response = await base.SendAsync(hop, cancellationToken);
            if (!IsRedirect(response.StatusCode))
                return response;
            using (response)
                hop = Next(request, hop.RequestUri!, response);
        }

        throw new RefusedException(Failures.Invalid(call.Server, call.Subject, $"redirected more than {MaxRedirects} times"));
    }

    private static HttpRequestMessage Next(HttpRequestMessage request, Uri current, HttpResponseMessage response)
    {
        var call = RegistryCall.Of(request);

        // A POST body is only for the server it was sent to.
        if (request.Content is not null || Location(response, current) is not { } next)
            throw new RefusedException(Failures.Invalid(call.Server, call.Subject, "sent a redirect without a valid target"));
        if (current.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps)
            throw new RefusedException(Failures.Redirect(call, $"{next.Authority} without HTTPS"));

        var hop = call.Request(request, next);
        if (Origin.IsSame(call.Uri, next))
            hop.Headers.Authorization = request.Headers.Authorization;
        return hop;
    }

    private static Uri? Location(HttpResponseMessage response, Uri current) =>
        response.Headers.Single("Location") is { Length: <= MaxLocationLength } location && Uri.TryCreate(current, location, out var next)
            ? next
            : null;

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
}
