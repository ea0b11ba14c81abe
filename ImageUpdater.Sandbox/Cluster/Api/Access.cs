namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>Verbs that are denied, as if RBAC did not grant them. All clients are the same user.</summary>
internal sealed class Access
{
    private const string User = "system:serviceaccount:image-updater:image-updater";

    private volatile IReadOnlyList<ForbiddenVerb> forbidden = [];

    public IReadOnlyList<ForbiddenVerb> Forbidden
    {
        get => forbidden;
        set => forbidden = value;
    }

    /// <param name="ns">Null for all namespaces: a rule for one namespace denies the verb there only.</param>
    public bool Allows(string verb, string resource, string? ns) => !forbidden.Any(rule => rule.Covers(verb, resource, ns));

    public ApiStatus? Refuses(string verb, ApiTarget target) => Refuses(verb, target.Kind.Plural, target.Kind.Group, target.Namespace, target.Name) is { } refusal
        ? refusal with { Details = ApiStatus.Naming(target.Key, target.Kind.Plural) }
        : null;

    public ApiStatus? Refuses(string verb, string plural, string group, string? ns, string? name)
    {
        if (Allows(verb, plural, ns)) return null;

        var where = ns is null ? "at the cluster scope" : $"in the namespace \"{ns}\"";
        var named = name is null ? "" : $" \"{name}\"";
        var qualified = group.Length == 0 ? plural : $"{plural}.{group}";
        return new ApiStatus(403, "Forbidden", $"{qualified}{named} is forbidden: User \"{User}\" cannot {verb} resource \"{plural}\" in API group \"{group}\" {where}");
    }
}
