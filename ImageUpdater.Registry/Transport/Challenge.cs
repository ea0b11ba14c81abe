using ImageUpdater.Core;

namespace ImageUpdater.Registry.Transport;

/// <summary>A challenge of a <c>WWW-Authenticate</c> header (RFC 9110, section 11.3).</summary>
/// <param name="Parameters">By name, case-insensitive.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaxRealmLength = 2048;
    private const int MaxShown = 80;

    public bool IsBearer => string.Equals(Scheme, "Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsBasic => string.Equals(Scheme, "Basic", StringComparison.OrdinalIgnoreCase);

    public string? Service => Parameters.GetValueOrDefault("service");

    /// <summary>Address of the token server; null if the challenge has none or it is not an HTTP(S) address.</summary>
    public Uri? Realm =>
        Parameters.TryGetValue("realm", out var text) && text.Length <= MaxRealmLength
        && Uri.TryCreate(text, UriKind.Absolute, out var realm)
        && (realm.Scheme == Uri.UriSchemeHttps || realm.Scheme == Uri.UriSchemeHttp)
            ? realm
            : null;

    /// <summary>
    /// The repository of the token's scope. Differs from the requested name behind a proxy that rewrites paths. Null if the challenge has no
    /// repository scope with pull access.
    /// </summary>
    public string? Repository => Parameters.GetValueOrDefault("scope")?.Split(' ').Select(RepositoryOf).FirstOrDefault(name => name is not null);

    /// <summary>
    /// The scopes of a token: those of <see cref="Repository"/> and of the requested one, separated by a space. The challenge may name another
    /// repository, as GHCR's <c>/v2/</c> does. Its own comes first: some token servers read one scope only.
    /// </summary>
    public string ScopeFor(string repository) => string.Join(' ', new[] { Repository ?? repository, repository }.Distinct(StringComparer.Ordinal).Select(name => $"repository:{name}:pull"));

    /// <summary>Roughly the memory that it takes, in bytes.</summary>
    public int Size => 256 + (4 * Parameters.Sum(parameter => parameter.Value.Length));

    /// <summary>The challenge with those parameters only that are ever looked at.</summary>
    public Challenge Needed() => this with
    {
        Parameters = Parameters.Where(parameter => parameter.Key.ToLowerInvariant() is "realm" or "service" or "scope")
            .ToDictionary(parameter => parameter.Key, parameter => parameter.Value, StringComparer.OrdinalIgnoreCase),
    };

    /// <summary>Prefers Bearer to Basic, so that the password is sent to the token server only.</summary>
    public static Challenge? Choose(IReadOnlyList<Challenge> challenges) =>
        challenges.FirstOrDefault(challenge => challenge is { IsBearer: true, Realm: not null })
        ?? challenges.FirstOrDefault(challenge => challenge.IsBasic);

    /// <summary>Why none of the challenges can be answered, as the end of a message; null if one can, or if there is none.</summary>
    public static string? Problem(IReadOnlyList<Challenge> challenges) =>
        challenges.Count == 0 || Choose(challenges) is not null ? null
        : challenges.FirstOrDefault(challenge => challenge.IsBearer) is not { } bearer
            ? $"it requires {UntrustedText.Bound(challenges[0].Scheme, MaxShown)} authentication, which is not supported"
        : bearer.Parameters.TryGetValue("realm", out var realm)
            ? $"the token server in its challenge, '{UntrustedText.Bound(realm, MaxShown)}', is not an http or https URL"
        : "its challenge names no token server";

    public bool Equals(Challenge? other) =>
        other is not null && IsBearer == other.IsBearer && IsBasic == other.IsBasic && Realm == other.Realm && Service == other.Service
        && Repository == other.Repository;

    public override int GetHashCode() => HashCode.Combine(IsBearer, IsBasic, Service);

    // repository:NAME:pull,push. The name may contain a port, so the actions start after the last colon.
    private static string? RepositoryOf(string scope)
    {
        const string Kind = "repository:";
        var actions = scope.LastIndexOf(':') + 1;
        return scope.StartsWith(Kind, StringComparison.Ordinal) && actions > Kind.Length + 1 && actions <= MaxRealmLength
            && scope[actions..].Split(',').Contains("pull") && !scope.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? scope[Kind.Length..(actions - 1)]
            : null;
    }
}
