using System.Net;
using System.Net.Http.Headers;
using ImageUpdater.Core;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Bodies;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Registry.Transport;

/// <param name="Repository">Name of the repository on this host; a mirror may use another name.</param>
/// <param name="Candidates">Credentials in the order of trying. The last attempt is always anonymous.</param>
/// <param name="Attempts">Receives every attempt when it ends.</param>
internal sealed record Access(string Repository, IReadOnlyList<RegistryCredential> Candidates, IProgress<Attempt>? Attempts);

/// <param name="Server">Name of the registry or mirror.</param>
/// <param name="Credential">Origin of the credential, or <c>anonymous</c>.</param>
/// <param name="Ending">The failure message; null if the attempt succeeded.</param>
internal sealed record Attempt(string Server, string Credential, string? Ending);

/// <summary>
/// Tries the candidate credentials, then anonymous, so that an unrelated credential does not block access to a public image. Returns a
/// successful response or throws <see cref="RefusedException"/>.
/// </summary>
/// <param name="name">Name of the host, for messages.</param>
/// <param name="home">The host's own address.</param>
/// <param name="tokenHosts">Token servers outside of its domain that the user allows to receive credentials.</param>
/// <param name="memory">For challenges and tokens, shared with other registries.</param>
internal sealed class AuthenticationHandler(string name, Uri home, IReadOnlyList<string> tokenHosts, ByteBudget memory, TimeProvider time) : DelegatingHandler
{
    /// <summary>Must be set on every request: the repository and the credentials to try.</summary>
    public static readonly HttpRequestOptionsKey<Access> Access = new("access");

    /// <summary>Set on a request that succeeded: origin of the credential that worked, or <c>anonymous</c>.</summary>
    public static readonly HttpRequestOptionsKey<string> OpenedBy = new("opened by");

    /// <summary>Set on a request that succeeded with a credential.</summary>
    public static readonly HttpRequestOptionsKey<RegistryCredential> OpenedWith = new("opened with");

    /// <summary>Set on a request that succeeded although credentials were not sent: a note for the user.</summary>
    public static readonly HttpRequestOptionsKey<string> NotSent = new("not sent");

    private const string Anonymous = "anonymous";
    private const int MaxChallengeBytes = 1024 * 1024;

    // At most: without a token, with a cached token, with a new token.
    private const int MaxRounds = 3;

    // The last challenge of each repository. Sending the token at once saves a request per check. Not per registry: public repositories may
    // send no challenge, and tokens for them may be refused.
    private readonly BoundedCache<string, Challenge> challenges = new(memory, MaxChallengeBytes);
    private readonly TokenSource tokens = new(name, memory, time);
    private readonly BaseChallenge baseChallenge = new(home, time);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var access = request.Options.TryGetValue(Access, out var given) ? given : throw new InvalidOperationException("the request has no Access");
        var server = RegistryCall.Of(request).Server;
        var (tried, withheld) = (new List<string>(), new List<string>());
        Uri? foreign = null;
        Refusal? best = null;
        foreach (var credential in access.Candidates.Append(null))
        {
            var origin = credential?.Origin ?? Anonymous;
            var outcome = await TryAsync(request, access.Repository, credential, cancellationToken);
            if (outcome.IsSuccess(out var response, out var refusal))
            {
                var used = request.Headers.Authorization is null ? Anonymous : origin;
                access.Attempts?.Report(new Attempt(server, used, Ending: null));
                request.Options.Set(OpenedBy, used);
                if (credential is not null && request.Headers.Authorization is not null)
                    request.Options.Set(OpenedWith, credential);
                if (foreign is not null)
                    request.Options.Set(NotSent, Failures.ReadWithout(name, withheld, home, foreign, used));
                return response;
            }

            access.Attempts?.Report(new Attempt(server, origin, refusal.Failure.Message));
            if (refusal.WithheldFrom is { } realm)
            {
                withheld.Add(origin);
                foreign = realm;
                continue;
            }

            best = MoreInformative(best, refusal);
            if (!refusal.MayDependOnCredential)
                break;
            tried.Add(origin);
        }

        // The challenge may be outdated, so the next check starts without it.
        if (!best!.IsChallenged)
            challenges.Remove(access.Repository);
        throw new RefusedException(tried.Count == 0 || !best.MayDependOnCredential
            ? best
            : best with { Failure = Failures.Tried(best.Failure, name, home, tried, withheld, foreign) });
    }

    protected override void Dispose(bool disposing)
    {
        tokens.Dispose();
        challenges.Dispose();
        base.Dispose(disposing);
    }

    private async Task<Result<HttpResponseMessage, Refusal>> TryAsync(
        HttpRequestMessage request, string repository, RegistryCredential? credential, CancellationToken cancellationToken)
    {
        var call = RegistryCall.Of(request);
        _ = challenges.TryFind(repository, out var challenge);
        for (var round = 1; ; round++)
        {
            AuthenticationHeaderValue? authorization = null;
            TokenKey? cached = null;
            if (challenge is { IsBearer: true, Realm: { } realm })
            {
                if (credential is not null && !OwnDomain.Includes(realm, home, name, tokenHosts))
                    return new Refusal(Failures.Withheld(name, home, realm)) { WithheldFrom = realm };

                var key = new TokenKey(realm, challenge.Service, challenge.ScopeFor(repository), credential);
                var (fetch, isCached) = await tokens.GetAsync(key, call.Subject, base.SendAsync, cancellationToken);
                if (!fetch.IsSuccess(out var token, out var noToken))
                    return WithoutToken(noToken);
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
                var sent = ChallengeParser.Parse(response);
                if (!call.IsAnsweredBy(response))
                    return await AskElsewhereAsync(request, repository, response, sent, wasAsked: challenge is not null, cancellationToken);

                var asked = response.StatusCode == HttpStatusCode.Unauthorized ? Challenge.Choose(sent) : null;
                if (asked is null && challenge is null && sent.Count == 0 && MayHideChallenge(response.StatusCode))
                    asked = await baseChallenge.GetAsync(call, base.SendAsync, cancellationToken);
                if (asked is not null)
                    Remember(repository, asked);
                var mayHaveExpired = cached is not null && response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
                var mayAnswer = asked is not null && !asked.Equals(challenge) && (credential is not null || asked.IsBearer);
                if (round == MaxRounds || (!mayHaveExpired && !mayAnswer))
                    return Refused(call, response, sent, wasAsked: (asked ?? challenge) is not null);

                if (cached is not null)
                    tokens.Forget(cached);
                challenge = asked ?? challenge;
            }
        }
    }

    // The registry redirected to another one, which has a challenge of its own. That is answered anonymously: the registry's credentials must not
    // be sent there.
    private async Task<Result<HttpResponseMessage, Refusal>> AskElsewhereAsync(
        HttpRequestMessage request, string repository, HttpResponseMessage refused, IReadOnlyList<Challenge> sent, bool wasAsked, CancellationToken cancellationToken)
    {
        var (call, at) = (RegistryCall.Of(request), refused.RequestMessage!.RequestUri!);
        var refusal = Refused(call, refused, sent, wasAsked);
        if (refused.StatusCode != HttpStatusCode.Unauthorized || Challenge.Choose(sent) is not { IsBearer: true, Realm: { } realm } challenge)
            return refusal;

        var key = new TokenKey(realm, challenge.Service, challenge.ScopeFor(RepositoryIn(at) ?? repository), Credential: null);
        for (var isCached = true; isCached;)
        {
            (var fetch, isCached) = await tokens.GetAsync(key, call.Subject, base.SendAsync, cancellationToken);
            if (!fetch.IsSuccess(out var token, out var noToken))
                return WithoutToken(noToken);

            using var again = (call with { Uri = at }).Request(request, at);
            again.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
            var outcome = await base.SendAsync(again, cancellationToken).AsValueAsync();
            if (!outcome.IsSuccess(out var response, out _) || response.IsSuccessStatusCode)
                return outcome;

            using (response)
                refusal = Refused(call, response, ChallengeParser.Parse(response), wasAsked);
            tokens.Forget(key);
        }

        return refusal;
    }

    // /v2/NAME/manifests/TAG
    private static string? RepositoryIn(Uri at)
    {
        const string Start = "/v2/";
        var path = at.AbsolutePath;
        var end = Math.Max(path.LastIndexOf("/manifests/", StringComparison.Ordinal), path.LastIndexOf("/blobs/", StringComparison.Ordinal));
        return path.StartsWith(Start, StringComparison.Ordinal) && end > Start.Length ? path[Start.Length..end] : null;
    }

    private static bool MayHideChallenge(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound;

    private void Remember(string repository, Challenge challenge)
    {
        var kept = challenge.Needed();
        challenges.Add(repository, kept, kept.Size + repository.Length, isEnded: _ => false);
    }

    private static Refusal WithoutToken(RegistryFailure failure)
    {
        var isElsewhere = failure.Kind is RegistryFailureKind.RateLimited or RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut;
        return new Refusal(failure, MayDependOnCredential: !isElsewhere);
    }

    // Without a challenge, credentials make no difference.
    private static Refusal Refused(RegistryCall call, HttpResponseMessage response, IReadOnlyList<Challenge> sent, bool wasAsked)
    {
        var (status, at) = (response.StatusCode, response.RequestMessage!.RequestUri!);
        return new Refusal(
            Failures.Answered(call, at, status, status == HttpStatusCode.Unauthorized ? Challenge.Problem(sent) : null),
            status,
            MayDependOnCredential: wasAsked && MayHideChallenge(status))
        {
            IsChallenged = sent.Count > 0,
        };
    }

    // The most informative failure is reported: 404 means that access was granted, 403 that the account was recognised, 401 neither.
    private static Refusal MoreInformative(Refusal? one, Refusal other)
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
