using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Composition;

/// <summary>Registers the state store under its role interfaces.</summary>
internal static class StateParts
{
    /// <param name="orReadOnly">Whether to open the store read-only if another process writes to it, instead of failing.</param>
    public static IServiceCollection AddState(this IServiceCollection services, StateStoreAccess access, bool orReadOnly = false) => services
        .AddSingleton<StoreUse>()
        .AddSingleton(services => Open(services, access, orReadOnly))
        .AddSingleton(services => services.GetRequiredService<StateStore>().Observing)
        .AddSingleton(services => services.GetRequiredService<StateStore>().Planning)
        .AddSingleton(services => services.GetRequiredService<StateStore>().Applying)
        .AddSingleton(services => services.GetRequiredService<StateStore>().Reporting)
        .AddSingleton(services => services.GetRequiredService<StateStore>().Audit)
        .AddSingleton(services => services.GetRequiredService<StateStore>().Retries)
        .AddSingleton(services => services.GetRequiredService<StateStore>().Upkeep);

    private static StateStore Open(IServiceProvider services, StateStoreAccess access, bool orReadOnly)
    {
        var path = services.GetRequiredService<StateOptions>().Path;
        // Checked before a folder or a lock file is created.
        if (Directory.Exists(path))
            throw new CannotStartException($"state store {path} is a folder; use the path of a file");

        var holder = $"image-updater {services.GetRequiredService<Call>().Command}, process {Environment.ProcessId} on {Environment.MachineName}";
        var options = new StateStoreOptions { Path = path, Access = access, Holder = holder };
        var opened = Open(options, services);
        if (orReadOnly && opened.Failure is { Kind: StateStoreProblem.InUse } inUse)
        {
            services.GetRequiredService<StoreUse>().Message = inUse.Message;
            opened = Open(options with { Access = StateStoreAccess.ReadOnly }, services);
        }

        return opened.IsSuccess(out var store, out var refusal) ? store : throw new CannotStartException(refusal.Message);
    }

    // The container creates services synchronously, and nothing else could run before the store is open.
    private static Result<StateStore, StateStoreRefusal> Open(StateStoreOptions options, IServiceProvider services) =>
        StateStore.OpenAsync(options, services.GetRequiredService<TimeProvider>(), CancellationToken.None).GetAwaiter().GetResult();
}
