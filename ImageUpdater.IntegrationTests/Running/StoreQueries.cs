using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ImageUpdater.IntegrationTests.Running;

/// <summary>The commands that EF Core executes on one store. Subscribe before the store is opened: EF remembers for a second that nobody listens.</summary>
internal sealed class StoreQueries : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string path;
    private readonly ConcurrentQueue<string> commands = new();
    private readonly ConcurrentBag<IDisposable> subscriptions = [];

    public StoreQueries(string path)
    {
        this.path = path;
        subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    /// <summary>The first table of each query since the last call.</summary>
    public IReadOnlyList<string> Take()
    {
        List<string> taken = [];
        while (commands.TryDequeue(out var command))
        {
            if (command.StartsWith("SELECT", StringComparison.Ordinal))
                taken.Add(command[(command.IndexOf("FROM \"", StringComparison.Ordinal) + 6)..].Split('"')[0]);
        }

        return taken;
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name)
            subscriptions.Add(value.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is CommandEventData { Command: { Connection.DataSource: var source, CommandText: var text } } && value.Key == RelationalEventId.CommandExecuting.Name && source == path)
            commands.Enqueue(text);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        foreach (var subscription in subscriptions)
            subscription.Dispose();
    }
}
