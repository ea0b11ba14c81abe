namespace ImageUpdater.Core.Applying;

/// <summary>The outcome of one change of a plan.</summary>
public enum ApplyOutcome
{
    /// <summary>The patch arrived; Kubernetes rolls out.</summary>
    Restarted,

    FinalizerRemoved,

    /// <summary>When read again, there was nothing left to do, or something holds it now.</summary>
    NotNeeded,

    /// <summary>Nothing was changed in the cluster.</summary>
    Failed,

    /// <summary>The patch was sent and its answer lost; the next cycle reads the workload to find out.</summary>
    Unknown,
}
