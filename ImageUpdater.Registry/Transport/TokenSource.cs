using System.Collections.Concurrent;
using System.Net;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Bodies;
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
/// <param name="memory">For the cache, shared with other registries.</param>
internal sealed class TokenSource(string name, ByteBudget memory, TimeProvider time) : IDisposable
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxTokenLength = 16 * 1024;
    private const string ClientId = "image-updater";

    // About 300 tokens of Docker Hub, which are long.
    private const int MaxCacheBytes = 2 * 1024 * 1024;
    private const int BytesOfEntry = 512;

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly BoundedCache<TokenKey, Token> cached = new(memory, MaxCacheBytes);
    private readonly ConcurrentDictionary<TokenKey, Lazy<Task<Result<Token, RegistryFailure>>>> running = new();
    private readonly CancellationTokenSource disposed = new();

    /// <summary>The token, and whether it is from the cache. The registry may have revoked a cached token.</summary>
    public async Task<(Result<Token, RegistryFailure> Fetch, bool Cached)> GetAsync(TokenKey key, string subject, Send send, CancellationToken cancellationToken)
    {
        if (Find(key) is { } token)
            return (token, Cached: true);

        // The shared request must not end when the first caller is cancelled. TimeoutHandler limits it.
        var shared = running.GetOrAdd(key, new Lazy<Task<Result<Token, RegistryFailure>>>(() => FetchOnceAsync(key, subject, send)));
        return (await shared.Value.WaitAsync(cancellationToken), Cached: false);
    }

    public void Forget(TokenKey key) => cached.Remove(key);

    /// <summary>Cancels running token requests.</summary>
    public void Dispose()
    {
        disposed.Cancel();
        disposed.Dispose();
        cached.Dispose();
    }

    private Token? Find(TokenKey key) => cached.TryFind(key, out var token) && !HasEnded(token) ? token : null;

    private bool HasEnded(Token token) => token.UseUntil <= time.GetUtcNow();

    private async Task<Result<Token, RegistryFailure>> FetchOnceAsync(TokenKey key, string subject, Send send)
    {
        try
        {
            // Another request for it may have ended since the caller looked.
            if (Find(key) is { } known)
                return known;

            var fetch = await FetchAsync(key, subject, send, disposed.Token);
            if (fetch.Value is { } token)
                cached.Add(key, token, BytesOfEntry + (2 * token.Value.Length) + (4 * (key.Realm.OriginalString.Length + key.Scope.Length + (key.Service?.Length ?? 0))), HasEnded);
            return fetch;
        }
        finally
        {
            running.TryRemove(key, out _);
        }
    }

    private async Task<Result<Token, RegistryFailure>> FetchAsync(TokenKey key, string subject, Send send, CancellationToken cancellationToken)
    {
        var server = $"{name}'s token server {key.Realm.Authority}";
        if (key.Credential?.IdentityToken is { } identityToken)
        {
            var post = new RegistryCall(Bare(key.Realm), server, subject, MaxBytes, TokenBody.ReadAsync);
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
                return Read(post, posted);
        }

        var get = new RegistryCall(WithQuery(key.Realm, key.Service, key.Scope), server, subject, MaxBytes, TokenBody.ReadAsync);
        using var plain = get.Request(HttpMethod.Get);
        plain.Headers.Authorization = key.Credential?.AsBasic();
        return Read(get, await send(plain, cancellationToken).AsValueAsync());
    }

    private Result<Token, RegistryFailure> Read(RegistryCall call, Result<HttpResponseMessage, Refusal> outcome)
    {
        if (!outcome.IsSuccess(out var response, out var refusal))
            return refusal.Failure;
        if (!response.IsSuccessStatusCode)
            return Failures.Answered(call, response.StatusCode);

        var document = RegistryCall.BodyOf<TokenDocument>(response);
        var value = document.Token is { Length: > 0 } token ? token : document.AccessToken;
        if (value?.Length > MaxTokenLength)
            return Failures.Invalid(call.Server, call.Subject, $"sent a token of more than {MaxTokenLength / 1024} KiB");
        if (value is null or "" || value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return Failures.Invalid(call.Server, call.Subject, "sent a response without a usable token");

        var lifetime = document.ExpiresIn is > 0 and { } seconds
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
