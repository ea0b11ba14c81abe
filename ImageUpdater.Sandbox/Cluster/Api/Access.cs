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

    public ApiStatus? Refuses(string verb, ApiTarget target)
    {
        if (!forbidden.Any(rule => rule.Covers(verb, target.Kind.Plural, target.Namespace))) return null;

        var where = target.Namespace is null ? "at the cluster scope" : $"in the namespace \"{target.Namespace}\"";
        var named = target.Name is null ? "" : $" \"{target.Name}\"";
        var message = $"{target.Kind.QualifiedPlural}{named} is forbidden: User \"{User}\" cannot {verb} resource \"{target.Kind.Plural}\" "
            + $"in API group \"{target.Kind.Group}\" {where}";
        return new ApiStatus(403, "Forbidden", message) { Details = ApiStatus.Naming(target.Key, target.Kind.Plural) };
    }
}
