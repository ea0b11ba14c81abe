namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>What a registry gave a node for a reference.</summary>
/// <param name="Digest">Of what the reference serves: an index or a manifest.</param>
/// <param name="PlatformDigest">Of the manifest for the node's platform: the image itself.</param>
internal sealed record PulledImage(string Digest, string PlatformDigest);
