using System.Net;
using System.Net.Http.Headers;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Registry;

/// <param name="Answer">Successful.</param>
/// <param name="Credential">What opened the way, in words: an origin, or <c>anonymous</c>.</param>
internal sealed record Granted(RegistryAnswer Answer, string Credential);

/// <param name="Status">Of the registry's own answer; null where none came, or where its token server refused.</param>
/// <param name="MayDependOnCredential">Another one may fare better.</param>
internal sealed record Refusal(RegistryFailure Failure, HttpStatusCode? Status, bool MayDependOnCredential);

/// <summary>A request with the candidates in turn, then anonymous: no unrelated credential keeps an open image from being read.</summary>
internal sealed class AuthorizedExchange(RegistryEndpoint endpoint, RegistryExchange exchange, TokenSource tokens)
{
    private const string Anonymous = "anonymous";
    private const int MaxChallenges = 4096;

    // The challenge, then a token from the cache, then a fresh one. Whoever still says 401 means it.
    private const int MaxRounds = 3;

    public async Task<Result<Granted, Refusal>> SendAsync(
        RegistryRequest request, string repository, IReadOnlyList<RegistryCredential> candidates, IProgress<Attempt>? attempts,
        CancellationToken cancellationToken)
    {
        var tried = new List<string>();
        Refusal? telling = null;
        foreach (var credential in candidates.Append(null))
        {
            var outcome = await TryAsync(request, repository, credential, cancellationToken);
            attempts?.Report(new Attempt(
                request.Server, outcome.Value?.Credential ?? credential?.Origin ?? Anonymous, outcome.Failure?.Failure.Sentence));
            if (outcome.IsSuccess(out var granted, out var refusal))
                return granted;

            telling = MoreTelling(telling, refusal);
            if (!refusal.MayDependOnCredential)
                break;
            tried.Add(credential?.Origin ?? Anonymous);
        }

        return tried.Count == 0 || !telling!.MayDependOnCredential
            ? telling!
            : telling with { Failure = Failures.Tried(telling.Failure, tried) };
    }

    private async Task<Result<Granted, Refusal>> TryAsync(
        RegistryRequest request, string repository, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        var challenge = endpoint.Challenges.GetValueOrDefault(repository);
        for (var round = 1; ; round++)
        {
            AuthenticationHeaderValue? authorization = null;
            TokenKey? cached = null;
            if (challenge is { IsBearer: true, Realm: { } realm })
            {
                var key = new TokenKey(realm, challenge.Service, challenge.Repository ?? repository, credential);
                var (fetch, isCached) = await tokens.GetAsync(key, request.Subject, cancellationToken);
                if (!fetch.IsSuccess(out var token, out var noToken))
                    return WithoutToken(repository, noToken);
                authorization = new AuthenticationHeaderValue("Bearer", token.Value);
                cached = isCached ? key : null;
            }
            else if (challenge is { IsBasic: true })
            {
                authorization = credential?.AsBasic();
            }

            var outcome = await exchange.SendAsync(request with { Authorization = authorization }, cancellationToken);
            if (!outcome.IsSuccess(out var answer, out var failure))
                return new Refusal(failure, Status: null, MayDependOnCredential: false);
            if (answer.IsSuccess)
                return new Granted(answer, authorization is null ? Anonymous : credential?.Origin ?? Anonymous);

            var asked = Asked(answer);
            if (asked is not null)
                Remember(repository, asked);
            var mayHaveExpired = cached is not null && answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
            var mayAnswer = asked is not null && !asked.Equals(challenge) && (credential is not null || asked.IsBearer);
            if (round == MaxRounds || (!mayHaveExpired && !mayAnswer))
                return Refused(request, answer, wasAsked: (asked ?? challenge) is not null);

            if (cached is not null)
                tokens.Forget(cached);
            challenge = asked ?? challenge;
        }
    }

    // Only the registry may ask for its credentials, not the place that it redirects to.
    private static Challenge? Asked(RegistryAnswer answer) =>
        answer is { Status: HttpStatusCode.Unauthorized, AtHome: true } ? Challenge.Choose(ChallengeParser.Parse(answer.Challenges)) : null;

    private void Remember(string repository, Challenge challenge)
    {
        if (endpoint.Challenges.Count >= MaxChallenges)
            endpoint.Challenges.Clear();
        endpoint.Challenges[repository] = challenge;
    }

    private Refusal WithoutToken(string repository, RegistryFailure failure)
    {
        // The challenge may be an old one, and the repository open by now: the next check starts afresh.
        endpoint.Challenges.TryRemove(repository, out _);
        var isElsewhere = failure.Kind is RegistryFailureKind.RateLimited or RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut;
        return new Refusal(failure, Status: null, MayDependOnCredential: !isElsewhere);
    }

    // Where no credential was asked for, the answer is the same for all of them.
    private static Refusal Refused(RegistryRequest request, RegistryAnswer answer, bool wasAsked) => new(
        Failures.Answered(request, answer.Status),
        answer.Status,
        wasAsked && answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound);

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
