using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Observing;

/// <summary>The images that somebody asks to check now, although they are not due. Null stands for any.</summary>
internal sealed record CheckSelection(string? Namespace = null, WorkloadKind? Kind = null, string? Name = null, ImageReference? Image = null)
{
    public bool Covers(WorkloadKey workload) =>
        (Namespace is null || workload.Namespace == Namespace) && (Kind is null || workload.Kind == Kind) && (Name is null || workload.Name == Name);

    public bool Covers(ImageReference image) => Image is null || (image.Registry, image.Repository, image.Tag) == (Image.Registry, Image.Repository, Image.Tag);
}
