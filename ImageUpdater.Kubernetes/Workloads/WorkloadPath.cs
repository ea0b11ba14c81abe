using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>API paths of workloads. Names are not escaped: callers must check them with <c>ResourceName</c>.</summary>
internal static class WorkloadPath
{
    /// <param name="namespace">Null for all namespaces.</param>
    public static string Of(WorkloadKind kind, string? @namespace) =>
        @namespace is null ? $"/apis/apps/v1/{Plural(kind)}" : $"/apis/apps/v1/namespaces/{@namespace}/{Plural(kind)}";

    public static string Of(WorkloadKey key) => $"{Of(key.Kind, key.Namespace)}/{key.Name}";

    private static string Plural(WorkloadKind kind) => WorkloadKey.KindName(kind) + "s";
}
