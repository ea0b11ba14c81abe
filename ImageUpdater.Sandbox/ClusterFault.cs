namespace ImageUpdater.Sandbox;

/// <summary>A fault of the sandbox's Kubernetes API.</summary>
public sealed record ClusterFault : Fault
{
    /// <summary>Changes the object's resourceVersion just before the request is handled, as a concurrent status update would.</summary>
    public bool Conflict { get; init; }
}
