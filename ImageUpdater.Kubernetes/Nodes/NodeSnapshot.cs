using ImageUpdater.Core.Images;

namespace ImageUpdater.Kubernetes.Nodes;

/// <summary>A node, as far as it decides which manifests of an image index count.</summary>
/// <param name="Platform">Null where its labels don't say it.</param>
internal sealed record NodeSnapshot(string Uid, Platform? Platform);
