using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Objects;
using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>All nodes' kubelets in one: starts pods that were made, removes pods that were deleted, one step delay later.</summary>
internal sealed class Kubelet(ObjectStore store, ObjectWriter writer, Scheduler scheduler, ImagePuller puller, ClusterTiming timing)
{
    /// <summary>In a pod template: pods with this annotation run and never become ready.</summary>
    public const string NeverReady = "sandbox.image-updater/never-ready";

    private readonly DelayedQueue<(string Namespace, string Name)> queue = new(timing.Time);
    private int busy;

    /// <summary>True when no pod waits to be started or removed.</summary>
    public bool Idle => Volatile.Read(ref busy) == 0 && queue.IsEmpty;

    /// <summary>Under the store's lock: look at the pod a step later.</summary>
    public void Notice(StoreEvent change)
    {
        if (change.Type == ChangeType.Deleted) return;
        bool news = change.Type == ChangeType.Added || (change.Object.Deleting && change.Previous is { Deleting: false });
        if (news) queue.Add((change.Object.Namespace, change.Object.Name), change.Object.Deleting ? timing.Termination : timing.Step);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            (string ns, string name) = await queue.TakeAsync(cancel);
            Interlocked.Increment(ref busy);
            if (store.Find(ResourceKinds.Pods, ns, name) is { } pod) await HandleAsync(pod, cancel);
            Interlocked.Decrement(ref busy);
        }
    }

    private async Task HandleAsync(StoredObject pod, CancellationToken cancel)
    {
        if (pod.Deleting) Remove(pod);
        else if (pod.NodeName.Length == 0) Schedule(pod);
        else if (pod.Phase != "Running") await StartAsync(pod, cancel);
    }

    private void Remove(StoredObject pod)
    {
        // A finalizer holds a pod back until its owner has taken it off.
        bool held = pod.Read().At("metadata", "finalizers") is not null;
        if (held || store.Remove(pod) is null) queue.Add((pod.Namespace, pod.Name), held ? timing.Retry : TimeSpan.Zero);
    }

    private void Schedule(StoredObject pod)
    {
        string? node = scheduler.Choose(pod.Read().Object("spec"));
        if (node is not null)
        {
            writer.Update(ResourceKinds.Pods, pod.Namespace, pod.Name, WriteScope.Everything, (_, next) =>
            {
                next.Ensure("spec")["nodeName"] = node;
                return next;
            });
        }

        queue.Add((pod.Namespace, pod.Name), node is null ? timing.Retry : TimeSpan.Zero);
    }

    private async Task StartAsync(StoredObject pod, CancellationToken cancel)
    {
        if (store.Find(ResourceKinds.Nodes, "", pod.NodeName) is not { } node) return;
        JsonObject tree = pod.Read();
        bool again = tree.At("status", "containerStatuses") is not null;
        List<ContainerState> inits = await StartAsync(tree.Items("spec", "initContainers"), node, again, cancel);
        bool initialized = inits.All(state => state.Runs);
        List<ContainerState> mains = initialized
            ? await StartAsync(tree.Items("spec", "containers"), node, again, cancel)
            : [.. tree.Items("spec", "containers").Select(spec => new ContainerState(spec, spec.Text("image")!, "", "PodInitializing", null))];
        PodProgress progress = new(inits, mains, Ready: tree.Text("metadata", "annotations", NeverReady) is null, Rfc3339.Seconds(timing.Now));
        writer.Update(ResourceKinds.Pods, pod.Namespace, pod.Name, WriteScope.Everything, (current, next) =>
            current.Uid == pod.Uid ? progress.WriteTo(next) : ApiStatus.NotFound(ResourceKinds.Pods, pod.Name));
        if (!progress.Running) queue.Add((pod.Namespace, pod.Name), timing.Retry);
    }

    private async Task<List<ContainerState>> StartAsync(IEnumerable<JsonObject> containers, StoredObject node, bool again, CancellationToken cancel)
    {
        var states = new List<ContainerState>();
        foreach (JsonObject container in containers) states.Add(await puller.StartAsync(container, node, again, cancel));
        return states;
    }
}
