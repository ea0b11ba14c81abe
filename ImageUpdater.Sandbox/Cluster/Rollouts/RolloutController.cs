using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Nodes;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>
/// Keeps the pods of all workloads: looks at a workload one step delay after its spec changed, and at once when a pod
/// of it did. Every look does what may be done now and writes the status; the next change leads on.
/// </summary>
internal sealed class RolloutController(
    ObjectStore store, ObjectWriter writer, PodFactory factory, Scheduler scheduler, PodIndex index, RolloutLog log, ClusterTiming timing)
{
    private readonly DelayedQueue<WorkItem> queue = new(timing.Time);
    private readonly ConcurrentDictionary<string, DateTimeOffset> changedAt = new();
    private readonly Dictionary<string, WorkloadState> states = [];
    private readonly DeploymentRollout deployments = new(factory);
    private readonly StatefulSetRollout statefulSets = new(factory);
    private readonly DaemonSetRollout daemonSets = new(factory);
    private readonly DeploymentStatus deploymentStatus = new(timing.Time);
    private volatile bool busy;

    /// <summary>True when no workload waits to be looked at.</summary>
    public bool Idle => !busy && queue.IsEmpty;

    /// <summary>Under the store's lock: what the change means for workloads.</summary>
    public void Notice(StoreEvent change)
    {
        StoredObject changed = change.Object;
        if (changed.Kind == ResourceKinds.Pods)
        {
            if (index.Notice(change) is { } owner) queue.Add(owner, TimeSpan.Zero);
        }
        else if (changed.Kind.IsWorkload)
        {
            if (change.Type == ChangeType.Modified && change.Previous!.Generation == changed.Generation) return;
            changedAt[changed.Uid] = timing.Now;
            queue.Add(new WorkItem(changed.Kind, changed.Namespace, changed.Name, changed.Uid), timing.Step);
        }
        else if (changed.Kind == ResourceKinds.Nodes && change.Type != ChangeType.Modified)
        {
            foreach (StoredObject set in store.Snapshot(ResourceKinds.DaemonSets).Objects.Values)
                queue.Add(new WorkItem(set.Kind, set.Namespace, set.Name, set.Uid), timing.Step);
        }
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            busy = false;
            WorkItem item = await queue.TakeAsync(cancel);
            busy = true;
            StoredObject? workload = store.Find(item.Kind, item.Namespace, item.Name);
            if (workload is null || workload.Uid != item.Uid) Collect(item);
            else if (workload.Deleting) Release(item);
            else Look(item, workload);
        }
    }

    private void Look(WorkItem item, StoredObject stored)
    {
        if (!states.TryGetValue(item.Uid, out WorkloadState? state))
        {
            states[item.Uid] = state = new WorkloadState(item);
            index.Register(item.Uid, item);
        }

        JsonObject workload = stored.Read();
        JsonObject spec = workload["spec"]!.AsObject();
        Revision? revision = Revise(state, spec, item.Kind);
        var readiness = new Readiness(timing.Now, spec.Number("minReadySeconds") ?? 0);
        List<StoredObject> nodes = item.Kind == ResourceKinds.DaemonSets ? scheduler.Eligible(spec.Object("template", "spec")) : [];

        if (revision is not null) Step(state, item, spec, revision, nodes, readiness);
        List<StoredObject> pods = index.PodsOf(state.Owners);
        TimeSpan? again = null;
        (RolloutRecord? running, DateTimeOffset now) = (state.Running, timing.Now);
        writer.Update(item.Kind, item.Namespace, item.Name, WriteScope.Everything, (current, next) =>
        {
            if (current.Uid != item.Uid) return ApiStatus.NotFound(item.Kind, item.Name);
            // What was looked at is this generation: a newer one is for the next look.
            again = WriteStatus(state, next, stored.Generation, revision, nodes, pods, readiness);
            return next;
        });
        // Told once it can be seen: who waits for the log's word looks at the object next. It ended before, since another may begin from here on.
        if (running is not null && state.Running is null) log.End(running, now, complete: true);
        if (readiness.MinReadySeconds > 0 && pods.Any(pod => Readiness.IsReady(pod) && !readiness.IsAvailable(pod))) again = TimeSpan.FromSeconds(1);
        if (again is { } delay) queue.Add(item, delay + TimeSpan.FromMilliseconds(1));
    }

    /// <summary>The revision to roll out; a paused Deployment stays with the one that it has.</summary>
    private Revision? Revise(WorkloadState state, JsonObject spec, ResourceKind kind)
    {
        string hash = SafeText.Hash(spec["template"]);
        if (state.Update?.Hash == hash || (spec.Flag("paused") && state.Find(hash) is null)) return state.Update;

        if (state.Running is { } overtaken) log.End(overtaken, timing.Now, complete: false);
        bool first = state.Update is null;
        Revision revision = state.Roll(hash, (JsonObject)spec["template"]!.DeepClone(), kind == ResourceKinds.Deployments);
        index.Register(revision.OwnerUid, state.Item);
        DateTimeOffset startedAt = changedAt.TryGetValue(state.Item.Uid, out DateTimeOffset at) ? at : timing.Now;
        state.Running = log.Begin(new RolloutRecord(kind.Plural, state.Item.Namespace, state.Item.Name, hash, first, startedAt, null, Complete: false));
        state.Progress = default;
        state.ProgressAt = timing.Now;
        return revision;
    }

    private void Step(WorkloadState state, WorkItem item, JsonObject spec, Revision revision, List<StoredObject> nodes, Readiness readiness)
    {
        List<StoredObject> pods = index.PodsOf(state.Owners);
        if (item.Kind == ResourceKinds.Deployments) deployments.Step(state, spec, revision, pods, readiness);
        else if (item.Kind == ResourceKinds.StatefulSets) statefulSets.Step(state, spec, revision, pods, readiness);
        else daemonSets.Step(state, spec, revision, nodes, pods, readiness);
    }

    private TimeSpan? WriteStatus(
        WorkloadState state, JsonObject workload, int generation, Revision? revision, List<StoredObject> nodes, List<StoredObject> pods, Readiness readiness)
    {
        if (state.Item.Kind == ResourceKinds.Deployments)
        {
            if (revision is not null) workload["metadata"]!.AsObject().Ensure("annotations")["deployment.kubernetes.io/revision"] = revision.Number.ToString();
            return deploymentStatus.Write(state, workload, generation, revision, pods, readiness);
        }

        if (state.Item.Kind == ResourceKinds.StatefulSets) StatefulSetStatus.Write(state, workload, generation, revision!, pods, readiness);
        else DaemonSetStatus.Write(state, workload, generation, revision!, nodes, pods, readiness);
        return null;
    }

    /// <summary>Foreground deletion: the pods go first, then the finalizer that waits for them.</summary>
    private void Release(WorkItem item)
    {
        List<StoredObject> pods = states.TryGetValue(item.Uid, out WorkloadState? state) ? index.PodsOf(state.Owners) : [];
        writer.Update(item.Kind, item.Namespace, item.Name, WriteScope.Everything, (_, next) =>
        {
            JsonArray finalizers = next.At("metadata", "finalizers") as JsonArray ?? [];
            int at = finalizers.ToList().FindIndex(finalizer => finalizer.Text() == ObjectDeleter.ForegroundDeletion);
            if (at < 0) return next;
            foreach (StoredObject pod in pods.Where(pod => !pod.Deleting)) factory.Delete(pod);
            if (pods.Count == 0) finalizers.RemoveAt(at);
            return next;
        });
    }

    /// <summary>The garbage collector's part: pods of a workload that is gone.</summary>
    private void Collect(WorkItem item)
    {
        if (!states.Remove(item.Uid, out WorkloadState? state)) return;
        if (state.Running is { } running) log.End(running, timing.Now, complete: false);
        changedAt.TryRemove(item.Uid, out _);
        foreach (StoredObject pod in index.PodsOf(state.Owners).Where(pod => !pod.Deleting)) factory.Delete(pod);
        index.Forget(state.Owners);
    }
}
