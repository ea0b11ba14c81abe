using ImageUpdater.Persistence.Sqlite;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    // Somebody else's long write is no trouble.
    private static readonly TimeSpan ProbePatience = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the store could be written to now: it takes the writer's turn and the file's lock, and writes nothing.</summary>
    /// <returns>One sentence that says what is wrong; null when nothing is.</returns>
    public async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ProbePatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await WriteAsync(_ => Task.FromResult(true), either.Token);
            return Volume.IsFull(Path) ? SqliteTrouble.DiskFull(Path).Sentence : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (StateStoreException exception)
        {
            return exception.Sentence;
        }
    }
}
