using System.Net;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry;

internal sealed record TokenKey(Uri Realm, string? Service, string Repository, RegistryCredential? Credential);

internal sealed record Token(string Value, DateTimeOffset UseUntil)
{
    // The generated one would print it.
    public override string ToString() => nameof(Token);
}

/// <summary>
/// Bearer tokens of one registry, kept in memory until shortly before they end. Those who need the same one at the same time
/// share one request for it.
/// </summary>
internal sealed class TokenSource(RegistryEndpoint endpoint, RegistryExchange exchange, TimeProvider time)
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxTokenLength = 64 * 1024;
    private const int MaxTokens = 4096;
    private const string ClientId = "image-updater";

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>The token, and whether it is an older one, which the registry may have stopped to accept.</summary>
    public async Task<(Result<Token, RegistryFailure> Fetch, bool Cached)> GetAsync(TokenKey key, string subject, CancellationToken cancellationToken)
    {
        if (endpoint.Tokens.TryGetValue(key, out var known) && known.Value is { IsCompletedSuccessfully: true } done
            && (await done).Value is { } token && token.UseUntil > time.GetUtcNow())
        {
            return (token, Cached: true);
        }

        // An entry that is over goes, and only that one: another caller may have put a new one in its place.
        if (known is { Value.IsCompleted: true })
            endpoint.Tokens.TryRemove(new(key, known));
        if (endpoint.Tokens.Count >= MaxTokens)
            endpoint.Tokens.Clear();

        // The request is nobody's own: the first caller's cancellation must not end it for the others. Its timeout bounds it.
        var shared = endpoint.Tokens.GetOrAdd(key, new Lazy<Task<Result<Token, RegistryFailure>>>(() => FetchAsync(key, subject, CancellationToken.None)));
        var fetch = await shared.Value.WaitAsync(cancellationToken);
        if (fetch.Value is null)
            endpoint.Tokens.TryRemove(new(key, shared));
        return (fetch, Cached: false);
    }

    public void Forget(TokenKey key) => endpoint.Tokens.TryRemove(key, out _);

    private async Task<Result<Token, RegistryFailure>> FetchAsync(TokenKey key, string subject, CancellationToken cancellationToken)
    {
        var server = $"{endpoint.Name}'s token server {key.Realm.Authority}";
        var scope = $"repository:{key.Repository}:pull";
        if (key.Credential?.IdentityToken is { } identityToken)
        {
            var form = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "refresh_token",
                ["refresh_token"] = identityToken,
                ["client_id"] = ClientId,
                ["service"] = key.Service ?? "",
                ["scope"] = scope,
            };
            var post = new RegistryRequest(HttpMethod.Post, Bare(key.Realm), server, subject, [], MaxBytes, Form: form);
            var posted = await exchange.SendAsync(post, cancellationToken);
            if (posted.Value?.Status is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed))
                return Read(post, posted);
        }

        var get = new RegistryRequest(
            HttpMethod.Get, WithQuery(key.Realm, key.Service, scope), server, subject, [], MaxBytes, key.Credential?.AsBasic());
        return Read(get, await exchange.SendAsync(get, cancellationToken));
    }

    private Result<Token, RegistryFailure> Read(RegistryRequest request, Result<RegistryAnswer, RegistryFailure> outcome)
    {
        if (!outcome.IsSuccess(out var answer, out var failure))
            return failure;
        if (!answer.IsSuccess)
            return Failures.Answered(request, answer.Status);

        TokenDocument? document = null;
        try
        {
            document = JsonSerializer.Deserialize(answer.Body.Span, RegistryJson.Default.TokenDocument);
        }
        catch (JsonException)
        {
            // Falls through to the same sentence: there is no token in it.
        }

        var value = document?.Token is { Length: > 0 } token ? token : document?.AccessToken;
        if (value is null or "" || value.Length > MaxTokenLength || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return Failures.Invalid(request.Server, request.Subject, "sent an answer without a usable token");

        var lifetime = document?.ExpiresIn is > 0 and { } seconds
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestLifetime.TotalSeconds))
            : DefaultLifetime;
        return new Token(value, time.GetUtcNow() + lifetime - TimeSpan.FromTicks(Math.Min(Margin.Ticks, lifetime.Ticks / 5)));
    }

    private static Uri Bare(Uri realm) => new(realm.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));

    private static Uri WithQuery(Uri realm, string? service, string scope)
    {
        var query = new List<string>();
        if (realm.Query.Length > 1)
            query.Add(realm.Query[1..]);
        if (service is not null)
            query.Add("service=" + Uri.EscapeDataString(service));
        query.Add("scope=" + Uri.EscapeDataString(scope));
        return new Uri(realm.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) + "?" + string.Join('&', query));
    }
}
