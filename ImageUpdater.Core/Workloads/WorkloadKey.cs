using System.Diagnostics.CodeAnalysis;

namespace ImageUpdater.Core.Workloads;

public enum WorkloadKind
{
    Deployment,
    StatefulSet,
    DaemonSet,
}

/// <summary>Where a workload is found. Another object may have the same key later; its uid differs.</summary>
public sealed record WorkloadKey(string Namespace, WorkloadKind Kind, string Name) : IComparable<WorkloadKey>
{
    /// <summary>Kind and name as kubectl prints them, for example <c>deployment/web</c>.</summary>
    public string KindAndName => $"{KindName(Kind)}/{Name}";

    public static string KindName(WorkloadKind kind) => kind switch
    {
        WorkloadKind.Deployment => "deployment",
        WorkloadKind.StatefulSet => "statefulset",
        _ => "daemonset",
    };

    /// <summary>Reads a kind as kubectl takes it: singular, plural or short.</summary>
    public static bool TryParseKind(string text, [NotNullWhen(true)] out WorkloadKind? kind)
    {
        kind = text.ToLowerInvariant() switch
        {
            "deployment" or "deployments" or "deploy" => WorkloadKind.Deployment,
            "statefulset" or "statefulsets" or "sts" => WorkloadKind.StatefulSet,
            "daemonset" or "daemonsets" or "ds" => WorkloadKind.DaemonSet,
            _ => null,
        };
        return kind is not null;
    }

    public int CompareTo(WorkloadKey? other)
    {
        if (other is null)
            return 1;

        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        if (byNamespace != 0)
            return byNamespace;
        return Kind != other.Kind ? Kind.CompareTo(other.Kind) : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>For example <c>default/deployment/web</c>.</summary>
    public override string ToString() => $"{Namespace}/{KindAndName}";
}
