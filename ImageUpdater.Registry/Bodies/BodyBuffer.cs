using System.Buffers;

namespace ImageUpdater.Registry.Bodies;

/// <summary>The part of a body that has arrived and is not parsed yet.</summary>
internal sealed class BodyBuffer : IDisposable
{
    private readonly BodyMemory memory;
    private readonly int most;
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(BodyMemory.BlockSize);
    private int capacity = BodyMemory.BlockSize;
    private int length;

    private BodyBuffer(BodyMemory memory, int most) => (this.memory, this.most) = (memory, most);

    public ReadOnlySpan<byte> Content => bytes.AsSpan(0, length);

    public Memory<byte> Free => bytes.AsMemory(length, capacity - length);

    public bool IsFull => length == capacity;

    /// <summary>Whether it has its largest size.</summary>
    public bool IsLargest => capacity >= most;

    /// <param name="most">The limit of the buffer, in bytes.</param>
    public static async Task<BodyBuffer> TakeAsync(BodyMemory memory, int most, CancellationToken cancellationToken)
    {
        await memory.TakeAsync(cancellationToken);
        return new BodyBuffer(memory, most);
    }

    public void Filled(int count) => length += count;

    /// <summary>Drops the first bytes.</summary>
    public void Drop(int count)
    {
        Content[count..].CopyTo(bytes);
        length -= count;
    }

    /// <summary>Doubles it. False if it has its largest size, or other bodies use all the memory.</summary>
    public bool TryGrow()
    {
        if (IsLargest || !memory.TryTake(capacity / BodyMemory.BlockSize))
            return false;

        var larger = ArrayPool<byte>.Shared.Rent(capacity * 2);
        Content.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        (bytes, capacity) = (larger, capacity * 2);
        return true;
    }

    public void Dispose()
    {
        // A token may have been in it.
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        memory.Return(capacity / BodyMemory.BlockSize);
    }
}
