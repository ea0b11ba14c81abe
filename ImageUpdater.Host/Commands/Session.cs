using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Metrics;
using ImageUpdater.Host.Scheduling;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Host.Commands;

/// <summary>What a command works with: the options, the cluster and the state store, opened in this order.</summary>
/// <param name="Actor">Who does it, for the audit: the user and the command.</param>
internal sealed record Session(ImageUpdaterOptions Options, StateStore Store, Engine Engine, string Actor, TimeProvider Time)
{
    // The next process may be long in coming.
    private static readonly TimeSpan DrainWithin = TimeSpan.FromSeconds(5);

    public static Task<int> UseAsync(ParseResult parsed, Func<Session, Task<int>> work, CancellationToken ct) => UseAsync(parsed, mayOnlyRead: false, work, ct);

    /// <param name="mayOnlyRead">Where another process writes to the store, the session is to read it only.</param>
    public static async Task<int> UseAsync(ParseResult parsed, bool mayOnlyRead, Func<Session, Task<int>> work, CancellationToken ct)
    {
        if (!Startup.ReadOptions(parsed).IsSuccess(out var options, out var problem))
            return CommandLine.Fail(problem);
        if (!Startup.Connect(parsed).IsSuccess(out var connection, out problem))
            return CommandLine.Fail(problem);

        using var logging = Startup.CommandLogging(parsed);
        var time = TimeProvider.System;
        var opened = await Startup.OpenStoreAsync(options, StateStoreAccess.ReadWrite, parsed.CommandResult.Command.Name, time, ct);
        if (mayOnlyRead && opened.Failure?.Kind == StateStoreProblem.InUse)
            opened = await Startup.OpenStoreAsync(options, StateStoreAccess.ReadOnly, parsed.CommandResult.Command.Name, time, ct);
        if (!opened.IsSuccess(out var store, out var refusal))
            return CommandLine.Fail(refusal.Sentence);

        await using var _ = store;
        using var kubernetes = new ClusterClient(connection, time, logging.CreateLogger<ClusterClient>());
        using var registries = new RegistryClient(options.Access.Registries, time, logging.CreateLogger<RegistryClient>());
        // Only who changes the cluster leaves events in it.
        var changing = parsed.CommandResult.Command.Name == "apply";
        using var instruments = new Instruments();
        await using var readers = new AuditReaders(
            store.Audit, kubernetes, options.Serving.Events && changing, DrainWithin, new BackgroundLoops(instruments, logging.CreateLogger<BackgroundLoops>()),
            instruments, time, logging);
        if (!store.IsReadOnly)
            await readers.StartAsync(ct);
        await using var engine = Engine.Create(
            options, watches: false, kubernetes, registries, store,
            DockerConfig.LoadUserFile(Invocation.EnvironmentOf(parsed)), instruments, time, logging);
        var actor = Startup.Actor(parsed);
        return await work(new Session(options, store, engine, actor, time));
    }

    /// <summary>What would be decided now, by what is in the store.</summary>
    public Task<Result<MadePlan, KubernetesFailure>> LookAsync(IReadOnlyList<string>? namespaces, CancellationToken ct) =>
        Terminal.WithProgressAsync("reading the cluster", _ => Engine.Pipeline.LookAsync(new PlanRequest(Actor) { Namespaces = namespaces }, ct));

    public Task<Result<MadePlan, KubernetesFailure>> PlanAsync(Func<PlanRequest, PlanRequest> wanted, CancellationToken ct) =>
        Terminal.WithProgressAsync("reading the cluster", async show =>
        {
            // Rollouts that an earlier apply did not wait for: where no controller runs, nobody else writes down how they ended.
            await Engine.Tracker.LookAsync(ct);
            var request = new PlanRequest(Actor) { KeepEmpty = true, Progress = new Counter(count => show($"{count} images resolved")) };
            return await Engine.Pipeline.PlanAsync(wanted(request), ct);
        });

    public Task<IReadOnlyList<AppliedChange>> ApplyAsync(MadePlan plan, CancellationToken ct) => Engine.Pipeline.ApplyAsync(plan, Actor, ct);

    // Progress<T> would report through the thread pool, late and out of order.
    private sealed class Counter(Action<int> show) : IProgress<int>
    {
        public void Report(int value) => show(value);
    }
}
