using System.CommandLine;
using ImageUpdater.Host.Composition;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Commands;

/// <summary>What a command works with that needs the state store and no cluster. Those that only read it work while the controller runs.</summary>
internal sealed class StoreSession(Call call, StateStore store, TimeProvider time)
{
    public StateStore Store => store;

    public TimeProvider Time => time;

    public string Actor => call.Actor;

    public static Task<int> UseAsync(
        ParseResult parsed, Func<StoreSession, CancellationToken, Task<int>> work, CancellationToken cancellationToken, StateStoreAccess access = StateStoreAccess.ReadOnly) =>
        CommandHost.RunAsync(parsed, parts => parts.AddState(access), work, cancellationToken);
}
