using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>Gets a container's image onto its node, as its imagePullPolicy says.</summary>
internal sealed class ImagePuller(ImageResolver resolver)
{
    private readonly ConcurrentDictionary<string, NodeImages> nodes = new();
    private readonly ConcurrentDictionary<string, bool> broken = new();

    /// <summary>Containers of an image with this index or manifest digest crash.</summary>
    public void Break(string digest) => broken[digest] = true;

    public async Task<ContainerState> StartAsync(JsonObject container, StoredObject node, bool again, CancellationToken cancel)
    {
        NodeImages images = nodes.GetOrAdd(node.Name, _ => new NodeImages());
        ImageName image = ImageName.Parse(container.Text("image")!);
        string policy = container.Text("imagePullPolicy") ?? "IfNotPresent";
        PulledImage? pulled = policy == "Always" ? null : images.Find(image);
        if (pulled is null)
        {
            if (policy == "Never") return new ContainerState(container, image.Normalized, "", "ErrImageNeverPull", $"Container image \"{image.Normalized}\" is not present with pull policy of Never");
            string os = node.Labels.GetValueOrDefault("kubernetes.io/os", "linux");
            pulled = await resolver.ResolveAsync(image, os, node.Labels.GetValueOrDefault("kubernetes.io/arch", "amd64"), cancel);
            if (pulled is null)
            {
                string message = again ? $"Back-off pulling image \"{image.Normalized}\"" : $"failed to pull and unpack image \"{image.Normalized}\": not found";
                return new ContainerState(container, image.Normalized, "", again ? "ImagePullBackOff" : "ErrImagePull", message);
            }

            images.Add(image, pulled);
        }

        bool crashes = broken.ContainsKey(pulled.Digest) || broken.ContainsKey(pulled.PlatformDigest);
        string? why = crashes ? "CrashLoopBackOff" : null;
        (string name, string id) = images.Shown(image, pulled);
        return new ContainerState(container, name, id, why, crashes ? "back-off restarting failed container" : null);
    }
}
