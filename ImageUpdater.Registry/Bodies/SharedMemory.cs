namespace ImageUpdater.Registry.Bodies;

/// <summary>What is bounded over all registries: a registry can be named by anybody who can create a workload, and there may be many.</summary>
internal sealed class SharedMemory
{
    private const int MaxCached = 8 * 1024 * 1024;

    public BodyMemory Bodies { get; init; } = new();

    /// <summary>For tokens and challenges.</summary>
    public ByteBudget Cached { get; init; } = new(MaxCached);
}
