using System.Text;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>A kind of object that the API serves. All have version v1.</summary>
internal sealed class ResourceKind(string group, string kind, string plural, string shortName)
{
    public static readonly ResourceKind Deployments = new("apps", "Deployment", "deployments", "deploy") { IsWorkload = true };
    public static readonly ResourceKind StatefulSets = new("apps", "StatefulSet", "statefulsets", "sts") { IsWorkload = true };
    public static readonly ResourceKind DaemonSets = new("apps", "DaemonSet", "daemonsets", "ds") { IsWorkload = true };
    public static readonly ResourceKind ReplicaSets = new("apps", "ReplicaSet", "replicasets", "rs");
    public static readonly ResourceKind ControllerRevisions = new("apps", "ControllerRevision", "controllerrevisions", "");
    public static readonly ResourceKind Pods = new("", "Pod", "pods", "po");
    public static readonly ResourceKind Nodes = new("", "Node", "nodes", "no") { Namespaced = false };
    public static readonly ResourceKind Namespaces = new("", "Namespace", "namespaces", "ns") { Namespaced = false };
    public static readonly ResourceKind Secrets = new("", "Secret", "secrets", "");
    public static readonly ResourceKind ServiceAccounts = new("", "ServiceAccount", "serviceaccounts", "sa");
    public static readonly ResourceKind Events = new("events.k8s.io", "Event", "events", "ev");

    public static readonly IReadOnlyList<ResourceKind> All =
        [Deployments, StatefulSets, DaemonSets, ReplicaSets, ControllerRevisions, Pods, Nodes, Namespaces, Secrets, ServiceAccounts, Events];

    public string Group => group;

    public string Kind => kind;

    public string Plural => plural;

    public string Singular { get; } = kind.ToLowerInvariant();

    public string ShortName => shortName;

    public bool Namespaced { get; init; } = true;

    /// <summary>Whether the rollout controller manages its pods.</summary>
    public bool IsWorkload { get; init; }

    /// <summary>Whether metadata.generation counts changes of the spec.</summary>
    public bool HasGeneration => IsWorkload || this == Pods;

    public string ApiVersion { get; } = group.Length == 0 ? "v1" : $"{group}/v1";

    /// <summary>The name in error messages: <c>deployments.apps</c>, <c>pods</c>.</summary>
    public string QualifiedPlural => group.Length == 0 ? plural : $"{plural}.{group}";

    public string QualifiedKind => group.Length == 0 ? kind : $"{kind}.{group}";

    /// <summary>The start of every stored object's JSON. Items of a list are sent without it, as the real API does.</summary>
    public byte[] JsonHead => field ??= Encoding.UTF8.GetBytes($$"""{"kind":"{{kind}}","apiVersion":"{{ApiVersion}}",""");

    /// <summary>Finds a kind by plural, singular, kind or short name, as kubectl accepts them.</summary>
    public static ResourceKind? Find(string name) => All.FirstOrDefault(found =>
        name.Length > 0 && (found.Plural == name || found.Singular == name || found.Kind == name || found.ShortName == name));

    public override string ToString() => QualifiedPlural;
}
