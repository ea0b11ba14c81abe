using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>API paths of the three kinds. Names must have been checked by <c>ResourceName</c>.</summary>
internal static class WorkloadPath
{
    /// <param name="namespace">Null: all namespaces.</param>
    public static string Of(WorkloadKind kind, string? @namespace) =>
        @namespace is null ? $"/apis/apps/v1/{Plural(kind)}" : $"/apis/apps/v1/namespaces/{@namespace}/{Plural(kind)}";

    public static string Of(WorkloadKey key) => $"{Of(key.Kind, key.Namespace)}/{key.Name}";

    private static string Plural(WorkloadKind kind) => WorkloadKey.KindName(kind) + "s";
}
