using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Web;

/// <summary>Marks an endpoint that makes the controller do something.</summary>
internal sealed class ControllerAction
{
    public static bool IsIn(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ControllerAction>() is not null;
}

/// <summary>
/// Who may use a <see cref="ControllerAction"/>: whoever has the token, from wherever the request comes. Those of <c>Web:AuthFile</c> only read. A page
/// of another site, and by default whoever comes through a proxy or an Ingress, is refused even with the token.
/// </summary>
internal sealed partial class ActionAccess(ApiToken token, ServingOptions serving, Authentication authentication, ILogger<ActionAccess> logger)
{
    // Those that proxies add. One that adds none of them is not recognized.
    private static readonly string[] OfProxies = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    /// <summary>Call at the start.</summary>
    public void Prepare()
    {
        if (token.Ensure() is { } problem)
            NoToken(problem);
    }

    public Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        if (!ControllerAction.IsIn(context))
            return next(context);

        var headers = context.Request.Headers;
        if (IsOfAnotherSite(context.Request))
            return Endpoints.AnswerAsync(context, StatusCodes.Status403Forbidden, "pages of another site can't use this path");
        if (!serving.ApiThroughProxy && OfProxies.Any(headers.ContainsKey))
            return Endpoints.AnswerAsync(context, StatusCodes.Status403Forbidden, "not available through a proxy or an Ingress; call the controller directly, or set Web:ApiThroughProxy");
        if (!token.Read().IsSuccess(out var expected, out var problem))
        {
            NoToken(problem);
            return Endpoints.AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "the API token can't be read; see the log");
        }

        if (headers.Authorization.Count == 1 && expected.IsIn(headers.Authorization[0]))
            return next(context);

        authentication.CountRejected(context.Connection.RemoteIpAddress);
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"ImageUpdater\"";
        return Endpoints.AnswerAsync(context, StatusCodes.Status401Unauthorized, "the API token is required; see docs/security.md");
    }

    // Browsers send Origin with every POST, and a page can't choose it. Behind a proxy with TLS the scheme differs.
    private static bool IsOfAnotherSite(HttpRequest request) => request.Headers.Origin is { Count: > 0 } origin
        && !(origin.Count == 1 && Uri.TryCreate(origin[0], UriKind.Absolute, out var site) && new HostString(site.Authority) == new HostString(HostOf(request, site)));

    // The port that the scheme implies is not in an Origin, and may be in Host.
    private static string HostOf(HttpRequest request, Uri site) =>
        request.Host.Port is { } port && port == new UriBuilder(site.Scheme, "a").Uri.Port ? request.Host.Host : request.Host.Value ?? "";

    [LoggerMessage(330, LogLevel.Warning, "POST /api/v1/check and /api/v1/plan are refused to everybody, and to commands beside this controller: {Problem}. To use another token, set Web:ApiTokenFile")]
    private partial void NoToken(string problem);
}
