using ImageUpdater.Core.Images;

namespace ImageUpdater.Kubernetes.Nodes;

/// <summary>A node's platform, which decides the manifests of an image index that are relevant.</summary>
/// <param name="Platform">Null if the node lacks the labels.</param>
internal sealed record NodeSnapshot(string Uid, Platform? Platform);
