namespace ImageUpdater.Core.Planning;

/// <summary>For which workloads with the same image a digest is held after its rollout to one of them failed.</summary>
public enum QuarantineScope
{
    /// <summary>Only for the workload itself.</summary>
    Workload,

    /// <summary>Also for those of its namespace, unless a rollout of the digest there was verified.</summary>
    Namespace,

    /// <summary>Also for those of all namespaces, unless a rollout of the digest was verified in any.</summary>
    Cluster,
}
