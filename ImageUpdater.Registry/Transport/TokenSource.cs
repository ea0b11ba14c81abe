using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Registry.Transport;

internal sealed record TokenKey(Uri Realm, string? Service, string Repository, RegistryCredential? Credential);

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
        var scope = $"repository:{key.Repository}:pull";
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
                ["scope"] = scope,
            });
            var posted = await send(request, cancellationToken).AsValueAsync();
            if (posted.Value?.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed))
                return await ReadAsync(post, posted, cancellationToken);
        }

        var get = new RegistryCall(WithQuery(key.Realm, key.Service, scope), server, subject, MaxBytes);
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
