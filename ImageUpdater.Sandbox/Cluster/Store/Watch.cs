using System.Threading.Channels;

namespace ImageUpdater.Sandbox.Cluster.Store;

/// <summary>One subscription to the changes of a kind, complete from the revision that it was asked from.</summary>
internal sealed class Watch : IDisposable
{
    private readonly Channel<StoreEvent> channel = Channel.CreateUnbounded<StoreEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Action<Watch> ended;

    public Watch(Action<Watch> ended) => this.ended = ended;

    public ChannelReader<StoreEvent> Events => channel.Reader;

    /// <summary>True when the stream ended because its revisions are no longer kept.</summary>
    public bool Expired { get; private set; }

    public void Publish(StoreEvent change) => channel.Writer.TryWrite(change);

    public void End(bool expired)
    {
        Expired = expired;
        channel.Writer.TryComplete();
    }

    public void Dispose() => ended(this);
}
