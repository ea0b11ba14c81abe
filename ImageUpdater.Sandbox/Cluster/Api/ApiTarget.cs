using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Api;

/// <summary>What an API path refers to. A null namespace is the whole cluster.</summary>
internal sealed record ApiTarget(ResourceKind Kind, string? Namespace, string? Name)
{
    public ObjectKey Key => new(Kind, Namespace ?? "", Name ?? "");

    public static ApiTarget? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (groupVersion, rest) = parts switch
        {
            ["api", "v1", ..] => ("v1", parts[2..]),
            ["apis", _, _, ..] => ($"{parts[1]}/{parts[2]}", parts[3..]),
            _ => ("", []),
        };

        string? ns = null;
        // /namespaces/x is the namespace itself; /namespaces/x/pods is something in it.
        if (rest is ["namespaces", _, not "status", ..]) (ns, rest) = (rest[1], rest[2..]);
        var named = rest.Length is 0 or > 2 ? "" : rest[0];
        if (ResourceKind.All.FirstOrDefault(kind => kind.Plural == named && kind.ApiVersion == groupVersion) is not { } found) return null;
        if (ns is null ? found.Namespaced && rest.Length > 1 : !found.Namespaced) return null;
        return new ApiTarget(found, ns, rest.ElementAtOrDefault(1));
    }
}
