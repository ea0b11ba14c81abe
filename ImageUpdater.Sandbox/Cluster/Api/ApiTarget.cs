using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>What a path of the API names. A null namespace is the whole cluster.</summary>
internal sealed record ApiTarget(ResourceKind Kind, string? Namespace, string? Name, string? Subresource)
{
    public static ApiTarget? Parse(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        (string group, string version, string[] rest) = parts switch
        {
            ["api", "v1", ..] => ("", "v1", parts[2..]),
            ["apis", _, _, ..] => (parts[1], parts[2], parts[3..]),
            _ => ("", "", []),
        };

        string? ns = null;
        // /namespaces/x is the namespace itself; /namespaces/x/pods is something in it.
        if (rest is ["namespaces", _, not ("status" or "finalize"), ..])
        {
            ns = rest[1];
            rest = rest[2..];
        }

        if (rest.Length is 0 or > 3 || ResourceKinds.Find(group, version, rest[0]) is not { } kind) return null;
        if (ns is not null && !kind.Namespaced) return null;
        if (rest.Length > 1 && kind.Namespaced && ns is null) return null;
        return new ApiTarget(kind, ns, rest.Length > 1 ? rest[1] : null, rest.Length > 2 ? rest[2] : null);
    }
}
