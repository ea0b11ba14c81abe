using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Registry.Transport;

/// <param name="Scope">One or more scopes, separated by spaces.</param>
internal sealed record TokenKey(Uri Realm, string? Service, string Scope, RegistryCredential? Credential);

internal sealed record Token(string Value, DateTimeOffset UseUntil)
{
    // The generated ToString would include the token.
    public override string ToString() => nameof(Token);
}

internal delegate Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken cancellationToken);

/// <summary>
/// Requests bearer tokens for one registry and caches them in memory until shortly before they expire. Concurrent callers that need the same
/// token share one request.
/// </summary>
/// <param name="name">Name of the registry, for messages.</param>
internal sealed class TokenSource(string name, TimeProvider time) : IDisposable
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxTokenLength = 64 * 1024;
    private const int MaxTokens = 4096;
    private const string ClientId = "image-updater";

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<TokenKey, Lazy<Task<Result<Token, RegistryFailure>>>> tokens = new();
    private readonly CancellationTokenSource disposed = new();

    /// <summary>The token, and whether it is from the cache. The registry may have revoked a cached token.</summary>
    public async Task<(Result<Token, RegistryFailure> Fetch, bool Cached)> GetAsync(TokenKey key, string subject, Send send, CancellationToken cancellationToken)
    {
        if (tokens.TryGetValue(key, out var known) && known.Value is { IsCompletedSuccessfully: true } done
            && (await done).Value is { } token && token.UseUntil > time.GetUtcNow())
        {
            return (token, Cached: true);
        }

        // Removes this entry only: another caller may have replaced it by a new one.
        if (known is { Value.IsCompleted: true })
            tokens.TryRemove(new(key, known));
        if (tokens.Count >= MaxTokens)
            tokens.Clear();

        // The shared request must not end when the first caller is cancelled. TimeoutHandler limits it.
        var shared = tokens.GetOrAdd(key, new Lazy<Task<Result<Token, RegistryFailure>>>(() => FetchAsync(key, subject, send, disposed.Token)));
        var fetch = await shared.Value.WaitAsync(cancellationToken);
        if (fetch.Value is null)
            tokens.TryRemove(new(key, shared));
        return (fetch, Cached: false);
    }

    public void Forget(TokenKey key) => tokens.TryRemove(key, out _);

    /// <summary>Cancels running token requests.</summary>
    public void Dispose()
    {
        disposed.Cancel();
        disposed.Dispose();
    }

    private async Task<Result<Token, RegistryFailure>> FetchAsync(TokenKey key, string subject, Send send, CancellationToken cancellationToken)
    {
        var server = $"{name}'s token server {key.Realm.Authority}";
        if (key.Credential?.IdentityToken is { } identityToken)
        {
            var post = new RegistryCall(Bare(key.Realm), server, subject, MaxBytes);
            using var request = post.Request(HttpMethod.Post);
            request.Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "refresh_token",
                ["refresh_token"] = identityToken,
                ["client_id"] = ClientId,
                ["service"] = key.Service ?? "",
                ["scope"] = key.Scope,
            });
            var posted = await send(request, cancellationToken).AsValueAsync();
            if (posted.Value is not { } answer || !MayLackPost(answer.StatusCode))
                return await ReadAsync(post, posted, cancellationToken);
        }

        var get = new RegistryCall(WithQuery(key.Realm, key.Service, key.Scope), server, subject, MaxBytes);
        using var plain = get.Request(HttpMethod.Get);
        plain.Headers.Authorization = key.Credential?.AsBasic();
        return await ReadAsync(get, await send(plain, cancellationToken).AsValueAsync(), cancellationToken);
    }

    private async Task<Result<Token, RegistryFailure>> ReadAsync(
        RegistryCall call, Result<HttpResponseMessage, Refusal> outcome, CancellationToken cancellationToken)
    {
        if (!outcome.IsSuccess(out var response, out var refusal))
            return refusal.Failure;
        if (!response.IsSuccessStatusCode)
            return Failures.Answered(call, response.StatusCode);

        TokenDocument? document = null;
        try
        {
            document = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), TokenJson.Default.TokenDocument);
        }
        catch (JsonException)
        {
            // The same message as for a response without a token follows.
        }

        var value = document?.Token is { Length: > 0 } token ? token : document?.AccessToken;
        if (value is null or "" || value.Length > MaxTokenLength || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return Failures.Invalid(call.Server, call.Subject, "sent a response without a usable token");

        var lifetime = document?.ExpiresIn is > 0 and { } seconds
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, ShortestLifetime.TotalSeconds, LongestLifetime.TotalSeconds))
            : DefaultLifetime;
        return new Token(value, time.GetUtcNow() + lifetime - TimeSpan.FromTicks(Math.Min(Margin.Ticks, lifetime.Ticks / 5)));
    }

    // As in containerd: token servers without POST answer 404 or 405, and also 401 (Artifactory) or 400 (Azure).
    private static bool MayLackPost(HttpStatusCode status) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed;

    private static Uri Bare(Uri realm) => new(realm.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped));

    private static Uri WithQuery(Uri realm, string? service, string scope)
    {
        var query = new List<string>();
        if (realm.Query.Length > 1)
            query.Add(realm.Query[1..]);
        if (service is { Length: > 0 })
            query.Add("service=" + Uri.EscapeDataString(service));
        query.AddRange(scope.Split(' ').Select(one => "scope=" + Uri.EscapeDataString(one)));
        return new Uri(realm.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) + "?" + string.Join('&', query));
    }
}
