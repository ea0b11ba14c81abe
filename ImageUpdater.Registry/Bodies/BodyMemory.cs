using System.Diagnostics.CodeAnalysis;

namespace ImageUpdater.Registry.Bodies;

/// <summary>
/// The memory for the bodies of responses, over all registries: 8 MiB in blocks of 16 KiB. A body is parsed while it arrives, so that one block is enough
/// for all but values longer than that.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "SemaphoreSlim allocates nothing to dispose of unless AvailableWaitHandle is used.")]
internal sealed class BodyMemory(int blocks = BodyMemory.Blocks)
{
    public const int BlockSize = 16 * 1024;

    private const int Blocks = 512;

    private readonly SemaphoreSlim free = new(blocks);

    /// <summary>The first block of a body. Waiting counts as time of the request.</summary>
    public Task TakeAsync(CancellationToken cancellationToken) => free.WaitAsync(cancellationToken);

    /// <summary>More blocks, or none at all. Never waits: bodies that wait for each other would wait for ever.</summary>
    public bool TryTake(int more)
    {
        for (var taken = 0; taken < more; taken++)
        {
            if (free.Wait(0, CancellationToken.None))
                continue;
            Return(taken);
            return false;
        }

        return true;
    }

    public void Return(int taken)
    {
        if (taken > 0)
            free.Release(taken);
    }
}
