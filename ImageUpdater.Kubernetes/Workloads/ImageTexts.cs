using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>Parses the image references of one list. Each distinct text is parsed and stored once, because many workloads share images.</summary>
internal sealed class ImageTexts
{
    private readonly Dictionary<string, (string Text, Result<ImageReference, string> Image)> parsed = [];

    public ContainerSpec Container(string name, string imageText, string? pullPolicy)
    {
        if (!parsed.TryGetValue(imageText, out var entry))
        {
            var image = ContainerSpec.ReferenceIn(imageText);
            // An invalid reference can be of any length.
            entry = (image.Value is null ? UntrustedText.Bound(imageText) : imageText, image);
            parsed.Add(imageText, entry);
        }

        return new ContainerSpec(name, entry.Text, entry.Image, pullPolicy);
    }
}
