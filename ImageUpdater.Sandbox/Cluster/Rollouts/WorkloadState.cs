namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>What the controller remembers of one workload, by uid.</summary>
internal sealed class WorkloadState
{
    /// <summary>The revision that is being rolled out, or was last.</summary>
    public Revision? Update { get; set; }

    /// <summary>The last revision that was rolled out to the end: StatefulSets report it.</summary>
    public Revision? Current { get; set; }

    /// <summary>How many revisions there were.</summary>
    public int Number { get; set; }

    public bool Running { get; set; }

    /// <summary>When a Deployment's rollout last got further.</summary>
    public DateTimeOffset ProgressAt { get; set; }

    public (int Updated, int Total, int Ready) Progress { get; set; }
}
