namespace ImageUpdater.Registry.Transport;

/// <summary>What a registry asks for in a <c>WWW-Authenticate</c> header.</summary>
/// <param name="Parameters">By name, in any case.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaxRealmLength = 2048;

    public bool IsBearer => string.Equals(Scheme, "Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsBasic => string.Equals(Scheme, "Basic", StringComparison.OrdinalIgnoreCase);

    public string? Service => Parameters.GetValueOrDefault("service");

    /// <summary>The token server, where a Bearer challenge names one that is an address.</summary>
    public Uri? Realm =>
        Parameters.TryGetValue("realm", out var text) && text.Length <= MaxRealmLength
        && Uri.TryCreate(text, UriKind.Absolute, out var realm)
        && (realm.Scheme == Uri.UriSchemeHttps || realm.Scheme == Uri.UriSchemeHttp)
            ? realm
            : null;

    /// <summary>
    /// The repository that the token is for, as the registry names it: behind a proxy that changes paths it goes by another name
    /// than it was asked for by. Null where the challenge names none to pull from.
    /// </summary>
    public string? Repository => Parameters.GetValueOrDefault("scope")?.Split(' ').Select(RepositoryOf).FirstOrDefault(name => name is not null);

    /// <summary>The one to answer: a token rather than the password itself, where the registry offers both.</summary>
    public static Challenge? Choose(IReadOnlyList<Challenge> challenges) =>
        challenges.FirstOrDefault(challenge => challenge is { IsBearer: true, Realm: not null })
        ?? challenges.FirstOrDefault(challenge => challenge.IsBasic);

    public bool Equals(Challenge? other) =>
        other is not null && IsBearer == other.IsBearer && IsBasic == other.IsBasic && Realm == other.Realm && Service == other.Service
        && Repository == other.Repository;

    public override int GetHashCode() => HashCode.Combine(IsBearer, IsBasic, Service);

    // repository:NAME:pull,push. A port in the name is part of it.
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
