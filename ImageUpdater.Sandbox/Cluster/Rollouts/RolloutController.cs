using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>Manages the pods of all workloads. Each reconciliation does what is possible now and writes the status; the next change triggers another.</summary>
internal sealed class RolloutController(ObjectStore store, ObjectWriter writer, Scheduler scheduler, RolloutLog log, ClusterTiming timing)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> changedAt = new();
    private readonly ConcurrentDictionary<string, WorkloadState> states = new();
    private readonly Steps steps = new(writer);
    private readonly Statuses statuses = new(timing);
    private readonly RevisionHistory history = new(store, writer);

    /// <summary>Records when a workload was created or its spec changed. Called under the store's lock.</summary>
    public void Notice(StoredObject workload) => changedAt[workload.Uid] = timing.Now;

    /// <returns>Delay until the workload must be reconciled again; null to wait for the next change.</returns>
    public TimeSpan? Reconcile(ObjectKey key)
    {
        var workload = store.Find(key);
        // The garbage collector's work: pods of a workload that was deleted, or deleted and recreated.
        foreach (var pod in store.OwnedBy(key).Where(pod => workload is null || !Revision.Owns(workload, pod))) steps.Delete(pod);
        if (workload is not { Deleting: false })
        {
            log.End(key.Kind.Plural, key.Namespace, key.Name, timing.Now);
            history.Forget(key);
            return null;
        }

        var state = states.GetOrAdd(workload.Uid, _ => new WorkloadState());
        var spec = workload.Read()["spec"]!.AsObject();
        Revise(state, workload, spec);
        if (state.Update is { } update) history.Record(workload, update);
        steps.Take(See());
        var view = See();
        var running = state.Running;
        if (view.Complete && state.Update is not null)
        {
            state.Running = false;
            if (view.Rolls) state.Current = state.Update;
        }

        var now = timing.Now;
        TimeSpan? again = null;
        writer.Update(key, WriteScope.Everything, "kube-controller-manager", next =>
        {
            if (next.Text("metadata", "uid") != workload.Uid) return ApiStatus.NotFound(key);
            // This view is of this generation; a newer one is for the next reconciliation.
            again = statuses.Write(next, key.Kind, workload.Generation, view, state);
            return new Edit(next);
        });
        // Logged after the status was written, because a test that waits for the log reads the object next. The end time is from before the write, since another rollout may start after it.
        if (running && !state.Running) log.End(key.Kind.Plural, key.Namespace, key.Name, now);
        return again;

        RolloutView See() => new(
            spec, state.Update, [.. store.OwnedBy(key).Where(pod => Revision.Owns(workload, pod))],
            key.Kind == ResourceKind.DaemonSets ? scheduler.Nodes : []);
    }

    /// <summary>Starts the rollout of a changed template; a paused Deployment keeps its current one.</summary>
    private void Revise(WorkloadState state, StoredObject workload, JsonObject spec)
    {
        var hash = spec["template"].Hash();
        if (state.Update?.Hash == hash || spec.Flag("paused")) return;
        var key = workload.Key;
        log.End(key.Kind.Plural, key.Namespace, key.Name, timing.Now);
        var startedAt = changedAt.GetValueOrDefault(workload.Uid, timing.Now);
        log.Begin(new RolloutRecord(key.Kind.Plural, key.Namespace, key.Name, First: state.Update is null, startedAt, EndedAt: null));
        state.Update = new Revision(key, workload.Uid, hash, spec["template"]!.AsObject().Copy());
        state.Current ??= state.Update;
        state.Number++;
        (state.Running, state.Progress, state.ProgressAt) = (true, default, timing.Now);
    }
}
