using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes;

/// <summary>The few resources that we touch.</summary>
internal static class ApiPath
{
    public const string Nodes = "/api/v1/nodes";

    public static string Workloads(WorkloadKind kind, string? @namespace) =>
        @namespace is null ? $"/apis/apps/v1/{Plural(kind)}" : $"/apis/apps/v1/namespaces/{Escape(@namespace)}/{Plural(kind)}";

    public static string Workload(WorkloadKey key) => $"{Workloads(key.Kind, key.Namespace)}/{Escape(key.Name)}";

    public static string Pods(string @namespace) => $"/api/v1/namespaces/{Escape(@namespace)}/pods";

    public static string Secret(string @namespace, string name) => $"/api/v1/namespaces/{Escape(@namespace)}/secrets/{Escape(name)}";

    public static string ServiceAccount(string @namespace, string name) =>
        $"/api/v1/namespaces/{Escape(@namespace)}/serviceaccounts/{Escape(name)}";

    public static string Events(string @namespace) => $"/apis/events.k8s.io/v1/namespaces/{Escape(@namespace)}/events";

    public static string Escape(string text) => Uri.EscapeDataString(text);

    private static string Plural(WorkloadKind kind) => WorkloadKey.KindName(kind) + "s";
}
