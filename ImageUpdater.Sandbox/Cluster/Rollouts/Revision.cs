using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>One pod template of a workload. For a Deployment it stands for a ReplicaSet, whose uid owns the pods.</summary>
internal sealed record Revision(string Hash, int Number, string OwnerUid, JsonObject Template);
