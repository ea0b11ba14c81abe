using System.CommandLine;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Commands;

/// <summary>Commands that need the state store and no cluster. Those that only read it work while the controller runs.</summary>
internal static class StoreSession
{
    public static Task<int> UseAsync(ParseResult parsed, Func<StateStore, TimeProvider, Task<int>> work, CancellationToken ct) =>
        UseAsync(parsed, StateStoreAccess.ReadOnly, work, ct);

    public static async Task<int> UseAsync(ParseResult parsed, StateStoreAccess access, Func<StateStore, TimeProvider, Task<int>> work, CancellationToken ct)
    {
        if (!Startup.ReadOptions(parsed).IsSuccess(out var options, out var problem))
            return CommandLine.Fail(problem);

        var time = TimeProvider.System;
        var opened = await Startup.OpenStoreAsync(options, access, parsed.CommandResult.Command.Name, time, ct);
        if (!opened.IsSuccess(out var store, out var refusal))
            return CommandLine.Fail(refusal.Sentence);

        await using var _ = store;
        return await work(store, time);
    }
}
