using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Commands;

/// <summary>What a command works with that reads or changes the cluster.</summary>
internal sealed class Session(Call call, Pipeline pipeline, RolloutTracker tracker, StateStore store, TimeProvider time)
{
    // The next process may be long in coming.
    private static readonly AuditReading AuditReading = new(DrainWithin: TimeSpan.FromSeconds(5));

    public StateStore Store => store;

    public RolloutTracker Tracker => tracker;

    public TimeProvider Time => time;

    /// <param name="mayChange">Whether the command changes the cluster.</param>
    /// <param name="mayOnlyRead">Where another process writes to the store, the session is to read it only.</param>
    public static Task<int> UseAsync(ParseResult parsed, Func<Session, CancellationToken, Task<int>> work, CancellationToken cancellationToken, bool mayChange = false, bool mayOnlyRead = false) =>
        CommandHost.RunAsync(parsed, parts => parts.AddCluster().AddState(StateStoreAccess.ReadWrite, mayOnlyRead).AddRegistries().AddPipeline().AddAuditReaders(mayChange, AuditReading), work, cancellationToken);

    /// <summary>What would be decided now, by what is in the store.</summary>
    public Task<Result<MadePlan, KubernetesFailure>> LookAsync(IReadOnlyList<string>? namespaces, CancellationToken cancellationToken) =>
        Terminal.WithProgressAsync("reading the cluster", _ => pipeline.LookAsync(new PlanRequest(call.Actor) { Namespaces = namespaces }, cancellationToken));

    public Task<Result<MadePlan, KubernetesFailure>> PlanAsync(Func<PlanRequest, PlanRequest> wanted, CancellationToken cancellationToken) =>
        Terminal.WithProgressAsync("reading the cluster", async show =>
        {
            // Rollouts that an earlier apply did not wait for: where no controller runs, nobody else writes down how they ended.
            await tracker.LookAsync(cancellationToken);
            var request = new PlanRequest(call.Actor) { KeepEmpty = true, Progress = new Counter(count => show($"{count} images resolved")) };
            return await pipeline.PlanAsync(wanted(request), cancellationToken);
        });

    public Task<IReadOnlyList<AppliedChange>> ApplyAsync(MadePlan plan, CancellationToken cancellationToken) => pipeline.ApplyAsync(plan, call.Actor, cancellationToken);

    // Progress<T> would report through the thread pool, late and out of order.
    private sealed class Counter(Action<int> show) : IProgress<int>
    {
        public void Report(int value) => show(value);
    }
}
