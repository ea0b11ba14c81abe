namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>The controller's state of one workload, by uid.</summary>
internal sealed class WorkloadState
{
    /// <summary>The revision that is being rolled out, or was rolled out last.</summary>
    public Revision? Update { get; set; }

    /// <summary>The last revision whose rollout completed; reported by StatefulSets.</summary>
    public Revision? Current { get; set; }

    /// <summary>The number of revisions so far.</summary>
    public int Number { get; set; }

    public bool Running { get; set; }

    /// <summary>When a Deployment's rollout last made progress.</summary>
    public DateTimeOffset ProgressAt { get; set; }

    public (int Updated, int Total, int Ready) Progress { get; set; }
}
