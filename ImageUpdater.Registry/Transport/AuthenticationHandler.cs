using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Registry.Transport;

/// <param name="Repository">By the name that it goes by there.</param>
/// <param name="Candidates">Credentials to try, in order; anonymous comes last by itself.</param>
/// <param name="Attempts">Called when an attempt ends.</param>
internal sealed record Access(string Repository, IReadOnlyList<RegistryCredential> Candidates, IProgress<Attempt>? Attempts);

/// <param name="Server">Who was asked, in words.</param>
/// <param name="Credential">With what: an origin, or <c>anonymous</c>.</param>
/// <param name="Ending">Null where it opened the way; else what became of it.</param>
internal sealed record Attempt(string Server, string Credential, string? Ending);

/// <summary>
/// The candidates in turn, then anonymous: no unrelated credential keeps an open image from being read. What comes out is a success, or a refusal.
/// </summary>
/// <param name="name">Of the host, in words for a person.</param>
internal sealed class AuthenticationHandler(string name, TimeProvider time) : DelegatingHandler
{
    /// <summary>Of a request: with what it may be asked.</summary>
    public static readonly HttpRequestOptionsKey<Access> Access = new("access");

    /// <summary>Of a request that succeeded: what opened the way, an origin or <c>anonymous</c>.</summary>
    public static readonly HttpRequestOptionsKey<string> OpenedBy = new("opened by");

    private const string Anonymous = "anonymous";
    private const int MaxChallenges = 4096;

    // The challenge, then a token from the cache, then a fresh one. Whoever still says 401 means it.
    private const int MaxRounds = 3;

    // What was asked for last, by repository: answering that at once saves a request per check. Not for the whole registry, where public
    // repositories may ask for nothing and tokens for them may not be had.
    private readonly ConcurrentDictionary<string, Challenge> challenges = new(StringComparer.Ordinal);
    private readonly TokenSource tokens = new(name, time);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var access = request.Options.TryGetValue(Access, out var given) ? given : throw new InvalidOperationException("the request has no Access");
        var server = RegistryCall.Of(request).Server;
        var tried = new List<string>();
        Refusal? telling = null;
        foreach (var credential in access.Candidates.Append(null))
        {
            var origin = credential?.Origin ?? Anonymous;
            var outcome = await TryAsync(request, access.Repository, credential, cancellationToken);
            if (outcome.IsSuccess(out var response, out var refusal))
            {
                var used = request.Headers.Authorization is null ? Anonymous : origin;
                access.Attempts?.Report(new Attempt(server, used, Ending: null));
                request.Options.Set(OpenedBy, used);
                return response;
            }

            access.Attempts?.Report(new Attempt(server, origin, refusal.Failure.Message));
            telling = MoreTelling(telling, refusal);
            if (!refusal.MayDependOnCredential)
                break;
            tried.Add(origin);
        }

        throw new RefusedException(tried.Count == 0 || !telling!.MayDependOnCredential
            ? telling!
            : telling with { Failure = Failures.Tried(telling.Failure, tried) });
    }

    protected override void Dispose(bool disposing)
    {
        tokens.Dispose();
        base.Dispose(disposing);
    }

    private async Task<Result<HttpResponseMessage, Refusal>> TryAsync(
        HttpRequestMessage request, string repository, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        var call = RegistryCall.Of(request);
        var challenge = challenges.GetValueOrDefault(repository);
        for (var round = 1; ; round++)
        {
            AuthenticationHeaderValue? authorization = null;
            TokenKey? cached = null;
            if (challenge is { IsBearer: true, Realm: { } realm })
            {
                var key = new TokenKey(realm, challenge.Service, challenge.Repository ?? repository, credential);
                var (fetch, isCached) = await tokens.GetAsync(key, call.Subject, base.SendAsync, cancellationToken);
                if (!fetch.IsSuccess(out var token, out var noToken))
                    return WithoutToken(repository, noToken);
                authorization = new AuthenticationHeaderValue("Bearer", token.Value);
                cached = isCached ? key : null;
            }
            else if (challenge is { IsBasic: true })
            {
                authorization = credential?.AsBasic();
            }

            request.Headers.Authorization = authorization;
            var outcome = await base.SendAsync(request, cancellationToken).AsValueAsync();
            if (!outcome.IsSuccess(out var response, out _) || response.IsSuccessStatusCode)
                return outcome;

            using (response)
            {
                var asked = Asked(call, response);
                if (asked is not null)
                    Remember(repository, asked);
                var mayHaveExpired = cached is not null && response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
                var mayAnswer = asked is not null && !asked.Equals(challenge) && (credential is not null || asked.IsBearer);
                if (round == MaxRounds || (!mayHaveExpired && !mayAnswer))
                    return Refused(call, response.StatusCode, wasAsked: (asked ?? challenge) is not null);

                if (cached is not null)
                    tokens.Forget(cached);
                challenge = asked ?? challenge;
            }
        }
    }

    // Only the registry may ask for its credentials, not the place that it redirects to.
    private static Challenge? Asked(RegistryCall call, HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.Unauthorized && call.IsAnsweredBy(response)
        && response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var sent)
            ? Challenge.Choose(ChallengeParser.Parse([.. sent]))
            : null;

    private void Remember(string repository, Challenge challenge)
    {
        if (challenges.Count >= MaxChallenges)
            challenges.Clear();
        challenges[repository] = challenge;
    }

    private Refusal WithoutToken(string repository, RegistryFailure failure)
    {
        // The challenge may be an old one, and the repository open by now: the next check starts afresh.
        challenges.TryRemove(repository, out _);
        var isElsewhere = failure.Kind is RegistryFailureKind.RateLimited or RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut;
        return new Refusal(failure, MayDependOnCredential: !isElsewhere);
    }

    // Where no credential was asked for, the answer is the same for all of them.
    private static Refusal Refused(RegistryCall call, HttpStatusCode status, bool wasAsked) => new(
        Failures.Answered(call, status),
        status,
        MayDependOnCredential: wasAsked && status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound);

    // "Not found" comes from one who was let in, "forbidden" from one who was recognised: each says more than the next.
    private static Refusal MoreTelling(Refusal? one, Refusal other)
    {
        return one is null || Weight(other) > Weight(one) ? other : one;

        static int Weight(Refusal refusal) => refusal switch
        {
            { MayDependOnCredential: false } => 4,
            { Failure.Kind: RegistryFailureKind.NotFound } => 3,
            { Failure.Kind: RegistryFailureKind.Forbidden } => 2,
            { Failure.Kind: RegistryFailureKind.Unauthorized } => 1,
            _ => 0,
        };
    }
}
