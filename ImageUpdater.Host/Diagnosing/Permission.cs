using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>A permission that ImageUpdater uses: a verb of docs/examples/rbac.yaml.</summary>
/// <param name="IsNeeded">False if everything else works without it.</param>
internal sealed record Permission(string Group, string Resource, string Verb, bool IsNeeded)
{
    private static readonly Permission[] OfWorkloads =
    [
        .. from resource in (string[])["deployments", "statefulsets", "daemonsets"]
           from verb in (string[])["get", "list", "watch", "patch"]
           // Without watch, workloads are listed in each cycle.
           select new Permission("apps", resource, verb, IsNeeded: verb != "watch"),
        new("", "pods", "list", IsNeeded: true),
        new("apps", "replicasets", "list", IsNeeded: false),
        new("apps", "controllerrevisions", "list", IsNeeded: false),
    ];

    private static readonly Permission[] OfNodes = [new("", "nodes", "list", IsNeeded: false), new("", "nodes", "watch", IsNeeded: false)];

    private static readonly Permission[] OfPullSecrets = [new("", "serviceaccounts", "get", IsNeeded: false), new("", "secrets", "get", IsNeeded: false)];

    private static readonly Permission OfEvents = new("events.k8s.io", "events", "create", IsNeeded: false);

    /// <summary>What these options need, and where; a null namespace stands for all, and for what is in none.</summary>
    public static IEnumerable<(string? Namespace, Permission Permission)> Of(IReadOnlyList<string> namespaces, AccessOptions access, ServingOptions serving)
    {
        string?[] everywhere = namespaces.Count == 0 ? [null] : [.. namespaces];
        string?[] ofSecrets = access.PullSecretNamespaces.Count == 0 ? everywhere : [.. access.PullSecretNamespaces.Where(name => namespaces.Count == 0 || namespaces.Contains(name, StringComparer.Ordinal))];
        foreach (var permission in OfNodes)
            yield return (null, permission);
        foreach (var name in everywhere)
        {
            foreach (var permission in serving.Events ? OfWorkloads.Append(OfEvents) : OfWorkloads)
                yield return (name, permission);
        }

        foreach (var name in access.ReadPullSecrets ? ofSecrets : [])
        {
            foreach (var permission in OfPullSecrets)
                yield return (name, permission);
        }
    }
}
