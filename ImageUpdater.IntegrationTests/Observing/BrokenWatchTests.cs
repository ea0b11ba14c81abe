using ImageUpdater.Core;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImageUpdater.IntegrationTests.Observing;

/// <summary>A watch that ends: changes go unnoticed until the next list, so the informer must request one.</summary>
public sealed class BrokenWatchTests
{
    private static readonly KubernetesFailure Cut = new(KubernetesFailureKind.Unreachable, "the connection was closed");

    private readonly ScriptedTime time = new();
    private readonly TaskCompletionSource<KubernetesFailure?> end = new();
    private int changes;

    // Only for a watch that worked: if a watch ends at once, every cycle lists anyway.
    [Theory]
    [InlineData(60, 1)]
    [InlineData(0, 0)]
    public async Task Changed_WatchEndsByAFailure_IsCalledIfItHadWorked(int seconds, int expected)
    {
        var informer = new Informer<string>(
            new Watched<string>("things", ListAsync, (_, opened, _, _) => WatchAsync(opened), item => item, (_, _, _) => true),
            () => Interlocked.Increment(ref changes), time, NullLogger.Instance);
        await using (informer)
        {
            await informer.ReadAsync(CancellationToken.None);
            Assert.True(informer.IsLive);

            time.Advance(TimeSpan.FromSeconds(seconds));
            end.SetResult(Cut);
        }

        // Disposing waits until the watch has ended.
        Assert.False(informer.IsLive);
        Assert.Equal(expected, changes);
    }

    private static Task<Result<ItemList<string>, KubernetesFailure>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<Result<ItemList<string>, KubernetesFailure>>(new ItemList<string>(["one"], "1"));

    private Task<KubernetesFailure?> WatchAsync(Action opened)
    {
        opened();
        return end.Task;
    }
}
