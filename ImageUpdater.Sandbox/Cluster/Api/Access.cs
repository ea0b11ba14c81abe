using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Who may do what: bearer tokens where there are any, and verbs taken away.</summary>
internal sealed class Access(IReadOnlyDictionary<string, string> tokens, string defaultUser)
{
    private volatile IReadOnlyList<ForbiddenVerb> forbidden = [];

    public IReadOnlyList<ForbiddenVerb> Forbidden
    {
        get => forbidden;
        set => forbidden = value;
    }

    /// <summary>The user of an Authorization header; null is 401.</summary>
    public string? Authenticate(string? authorization)
    {
        if (tokens.Count == 0) return defaultUser;
        const string scheme = "Bearer ";
        return authorization?.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) == true
            ? tokens.GetValueOrDefault(authorization[scheme.Length..].Trim())
            : null;
    }

    public ApiStatus? Authorize(string user, string verb, ApiTarget target)
    {
        string resource = target.Subresource is null ? target.Kind.Plural : $"{target.Kind.Plural}/{target.Subresource}";
        if (!forbidden.Any(rule => rule.Covers(verb, resource, target.Namespace))) return null;

        string where = target.Namespace is null ? "at the cluster scope" : $"in the namespace \"{target.Namespace}\"";
        string named = target.Name is null ? "" : $" \"{target.Name}\"";
        string message = $"{target.Kind.QualifiedPlural}{named} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" "
            + $"in API group \"{target.Kind.Group}\" {where}";
        JsonObject details = ApiStatus.Naming(target.Kind, target.Kind.Plural, target.Name ?? "");
        if (target.Name is null) details.Remove("name");
        return new ApiStatus(403, "Forbidden", message) { Details = details };
    }
}
