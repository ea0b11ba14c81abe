namespace ImageUpdater.Sandbox;

/// <summary>A node that runs what is scheduled to it, as soon as its images can be had.</summary>
public sealed record SandboxNode(string Name)
{
    public string Os { get; init; } = "linux";

    public string Architecture { get; init; } = "amd64";

    /// <summary>Beside kubernetes.io/os, kubernetes.io/arch and kubernetes.io/hostname.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
