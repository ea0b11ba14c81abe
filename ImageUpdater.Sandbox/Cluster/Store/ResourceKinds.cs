namespace ImageUpdater.Sandbox.Cluster.Store;

internal static class ResourceKinds
{
    public static readonly ResourceKind Deployments = new("apps", "v1", "Deployment", "deployments", "deployment", "deploy")
    {
        HasStatus = true,
        HasGeneration = true,
        IsWorkload = true,
    };

    public static readonly ResourceKind StatefulSets = new("apps", "v1", "StatefulSet", "statefulsets", "statefulset", "sts")
    {
        HasStatus = true,
        HasGeneration = true,
        IsWorkload = true,
    };

    public static readonly ResourceKind DaemonSets = new("apps", "v1", "DaemonSet", "daemonsets", "daemonset", "ds")
    {
        HasStatus = true,
        HasGeneration = true,
        IsWorkload = true,
    };

    public static readonly ResourceKind Pods = new("", "v1", "Pod", "pods", "pod", "po") { HasStatus = true, HasGeneration = true };

    public static readonly ResourceKind Nodes = new("", "v1", "Node", "nodes", "node", "no") { HasStatus = true, Namespaced = false };

    public static readonly ResourceKind Namespaces = new("", "v1", "Namespace", "namespaces", "namespace", "ns")
    {
        HasStatus = true,
        Namespaced = false,
    };

    public static readonly ResourceKind Secrets = new("", "v1", "Secret", "secrets", "secret", "");

    public static readonly ResourceKind ServiceAccounts = new("", "v1", "ServiceAccount", "serviceaccounts", "serviceaccount", "sa");

    public static readonly ResourceKind Events = new("events.k8s.io", "v1", "Event", "events", "event", "ev");

    public static readonly IReadOnlyList<ResourceKind> All =
        [Deployments, StatefulSets, DaemonSets, Pods, Nodes, Namespaces, Secrets, ServiceAccounts, Events];

    public static ResourceKind? Find(string group, string version, string plural)
    {
        foreach (ResourceKind kind in All)
        {
            if (kind.Plural == plural && kind.Group == group && kind.Version == version) return kind;
        }

        return null;
    }

    /// <summary>By plural, singular, kind or short name, as the in-process API and kubectl users write it.</summary>
    public static ResourceKind? FindByAnyName(string name)
    {
        foreach (ResourceKind kind in All)
        {
            if (kind.Plural == name || kind.Singular == name || kind.Kind == name || (kind.ShortName == name && name.Length > 0)) return kind;
        }

        return null;
    }
}
