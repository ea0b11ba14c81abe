using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>Pulls the image of a container to its node, according to its imagePullPolicy.</summary>
internal sealed class ImagePuller(ImageResolver resolver)
{
    private readonly ConcurrentDictionary<string, NodeImages> nodes = new();
    private readonly ConcurrentDictionary<string, bool> broken = new();

    /// <summary>Makes containers of an image with this index or manifest digest crash.</summary>
    public void Break(string digest) => broken[digest] = true;

    /// <param name="again">Whether an earlier attempt failed.</param>
    public async Task<ContainerState> StartAsync(JsonObject container, StoredObject node, bool again, CancellationToken cancellationToken)
    {
        var images = nodes.GetOrAdd(node.Key.Name, _ => new NodeImages());
        var image = ImageName.Parse(container.Text("image")!);
        var policy = container.Text("imagePullPolicy");
        if ((policy == "Always" ? null : images.Find(image)) is not { } pulled)
        {
            if (policy == "Never") return Waits("ErrImageNeverPull", $"Container image \"{image.Normalized}\" is not present with pull policy of Never");
            var os = node.Labels.GetValueOrDefault("kubernetes.io/os", "linux");
            var architecture = node.Labels.GetValueOrDefault("kubernetes.io/arch", "amd64");
            if (await resolver.ResolveAsync(image, os, architecture, cancellationToken) is not { } found)
            {
                var problem = $"failed to pull and unpack image \"{image.Normalized}\": not found";
                return again
                    ? Waits("ImagePullBackOff", $"Back-off pulling image \"{image.Normalized}\": ErrImagePull: {problem}")
                    : Waits("ErrImagePull", problem);
            }

            pulled = found;
            images.Add(image, pulled);
        }

        var (name, id) = images.Shown(image, pulled);
        return broken.ContainsKey(pulled.Digest) || broken.ContainsKey(pulled.PlatformDigest)
            ? new(container, name, id, "CrashLoopBackOff", "back-off restarting failed container")
            : new(container, name, id, Waiting: null, Message: null);

        ContainerState Waits(string reason, string message) => new(container, image.Normalized, "", reason, message);
    }
}
