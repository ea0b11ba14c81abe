namespace ImageUpdater.Sandbox;

/// <summary>A fault of the sandbox's Kubernetes API.</summary>
public sealed record ClusterFault : Fault
{
    /// <summary>Moves the object's resourceVersion just before the request is handled, as a status update in between would.</summary>
    public bool Conflict { get; init; }
}
