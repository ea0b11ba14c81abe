using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>A workload, or a namespace, for the controller to look at.</summary>
internal readonly record struct WorkItem(ResourceKind Kind, string Namespace, string Name, string Uid);
