using System.CommandLine;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Commands;

/// <summary>The services of a command that needs the state store and no cluster. Commands that only read the store can be used while a controller is running.</summary>
internal sealed class StoreSession(Call call, StateStore store, RestartOptions restarts, TimeProvider time)
{
    public StateStore Store => store;

    public TimeProvider Time => time;

    public bool ObserveOnly => restarts.ObserveOnly;

    public string Actor => call.Actor;

    public static Task<int> UseAsync(
        ParseResult parsed, Func<StoreSession, CancellationToken, Task<int>> work, CancellationToken cancellationToken, StateStoreAccess access = StateStoreAccess.ReadOnly, bool orReadOnly = false) =>
        CommandHost.RunAsync(parsed, parts => parts.AddState(access, orReadOnly), work, cancellationToken);
}
