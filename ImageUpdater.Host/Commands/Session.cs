using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Host.Applying;
using ImageUpdater.Host.Auditing;
using ImageUpdater.Host.Composition;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Planning;
using ImageUpdater.Host.Tracking;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Persistence;
using ImageUpdater.Persistence.Store;

namespace ImageUpdater.Host.Commands;

/// <summary>The services of a command that reads or changes the cluster.</summary>
internal sealed class Session(Call call, Pipeline pipeline, RolloutTracker tracker, StateStore store, StoreUse use, RunningController controller, ClusterClient cluster, RestartOptions restarts, TimeProvider time)
{
    /// <summary>For commands that would change the cluster.</summary>
    public const string ObserveOnlyMessage = "ObserveOnly is set, so nothing is changed in the cluster; set ImageUpdater__ObserveOnly=false (chart: observeOnly) to apply";

    // Longer than in run: after a command, the next process may start much later.
    private static readonly AuditReading AuditReading = new(DrainWithin: TimeSpan.FromSeconds(5));

    public StateStore Store => store;

    /// <summary>Which other process writes to the store, as a message; null if none, and the store can be written.</summary>
    public string? InUse => use.Message;

    public bool ObserveOnly => restarts.ObserveOnly;

    public RolloutTracker Tracker => tracker;

    public ClusterClient Cluster => cluster;

    public TimeProvider Time => time;

    /// <param name="mayChange">Whether the command changes the cluster.</param>
    /// <param name="mayOnlyRead">Whether the session opens the store read-only while another process writes to it.</param>
    public static Task<int> UseAsync(ParseResult parsed, Func<Session, CancellationToken, Task<int>> work, CancellationToken cancellationToken, bool mayChange = false, bool mayOnlyRead = false) =>
        CommandHost.RunAsync(parsed, parts => parts.AddCluster().AddState(StateStoreAccess.ReadWrite, mayOnlyRead).AddRegistries().AddPipeline().AddAuditReaders(mayChange, AuditReading).AddSingleton<RunningController>(), work, cancellationToken);

    /// <summary>Asks the controller that uses the store. A message why not also says which process uses it.</summary>
    public async Task<Result<T, string>> AskAsync<T>(Func<RunningController, Task<Result<T, string>>> question)
        where T : class
    {
        var asked = await Terminal.WithProgressAsync("the controller checks", _ => question(controller));
        return asked.IsSuccess(out var answer, out var problem) ? answer : $"{problem}; {InUse}";
    }

    /// <summary>
    /// A plan for a command that only shows it. While another process has the store open, the plan is made from the observations in the store,
    /// without querying registries, and is not saved.
    /// </summary>
    /// <param name="namespace">Null for all.</param>
    public Task<Result<MadePlan, KubernetesFailure>> LookAsync(string? @namespace, CancellationToken cancellationToken)
    {
        var namespaces = GlobalOptions.Only(@namespace);
        return store.IsReadOnly
            ? Terminal.WithProgressAsync("reading the cluster", _ => pipeline.PreviewAsync(new PlanRequest(call.Actor) { Namespaces = namespaces }, cancellationToken))
            : PlanAsync(request => request with { Namespaces = namespaces, KeepEmpty = false }, cancellationToken);
    }

    public Task<Result<MadePlan, KubernetesFailure>> PlanAsync(Func<PlanRequest, PlanRequest> wanted, CancellationToken cancellationToken) =>
        Terminal.WithProgressAsync("reading the cluster", async show =>
        {
            // Rollouts that an earlier apply did not wait for: without a controller, nothing else records how they ended.
            await tracker.TrackAsync(cancellationToken);
            var request = new PlanRequest(call.Actor) { KeepEmpty = true, Progress = new Counter(count => show($"{count} images resolved")) };
            return await pipeline.PlanAsync(wanted(request), cancellationToken);
        });

    public Task<IReadOnlyList<AppliedChange>> ApplyAsync(MadePlan plan, CancellationToken cancellationToken) => pipeline.ApplyAsync(plan, call.Actor, isCycle: false, cancellationToken);

    // Not Progress<T>, which reports through the thread pool, late and out of order.
    private sealed class Counter(Action<int> show) : IProgress<int>
    {
        public void Report(int value) => show(value);
    }
}
