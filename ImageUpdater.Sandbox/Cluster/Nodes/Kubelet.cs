using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;

namespace ImageUpdater.Sandbox.Cluster.Nodes;

/// <summary>The kubelets of all nodes, and the binding to nodes: starts new pods and removes deleted ones.</summary>
internal sealed class Kubelet(ObjectStore store, ObjectWriter writer, Scheduler scheduler, ImagePuller puller, ClusterTiming timing)
{
    /// <returns>When to check the pod again; null if it is in its desired state.</returns>
    public async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (store.Find(key) is not { } pod) return null;
        var tree = pod.Read();
        if (pod.Deleting)
        {
            // A finalizer blocks the removal until its owner removes it.
            var held = tree.At("metadata", "finalizers") is not null;
            if (!held) writer.Delete(key, graceSeconds: 0);
            return held ? timing.Retry : null;
        }

        if (pod.NodeName is not null) return tree.Text("status", "phase") == "Running" ? null : await StartAsync(pod, tree, cancellationToken);
        if (scheduler.Choose() is not { } node) return timing.Retry;
        writer.Update(key, WriteScope.Resource, "kube-scheduler", next =>
        {
            next.Ensure("spec")["nodeName"] = node;
            return new Edit(next);
        });
        return TimeSpan.Zero;
    }

    private async Task<TimeSpan?> StartAsync(StoredObject pod, JsonObject tree, CancellationToken cancellationToken)
    {
        if (store.Find(new ObjectKey(ResourceKind.Nodes, "", pod.NodeName!)) is not { } node) return timing.Retry;
        var again = tree.At("status", "containerStatuses") is not null;
        var inits = await StartAllAsync("initContainers");
        var initialized = inits.TrueForAll(state => state.Runs);
        var mains = initialized
            ? await StartAllAsync("containers")
            : [.. tree.Items("spec", "containers").Select(spec => new ContainerState(spec, spec.Text("image")!, "", "PodInitializing", Message: null))];
        writer.Update(pod.Key, WriteScope.Everything, "kubelet", next =>
        {
            if (next.Text("metadata", "uid") != pod.Uid) return ApiStatus.NotFound(pod.Key);
            next["status"] = Status(inits, mains);
            return new Edit(next);
        });
        return initialized && mains.TrueForAll(state => state.Runs) ? null : timing.Retry;

        async Task<List<ContainerState>> StartAllAsync(string list)
        {
            var states = new List<ContainerState>();
            foreach (var container in tree.Items("spec", list)) states.Add(await puller.StartAsync(container, node, again, cancellationToken));
            return states;
        }
    }

    private JsonObject Status(List<ContainerState> inits, List<ContainerState> mains)
    {
        var now = timing.Timestamp;
        var runs = inits.Concat(mains).All(state => state.Runs);
        var ready = new JsonObject { ["type"] = "Ready", ["status"] = runs ? "True" : "False", ["lastTransitionTime"] = now };
        var status = new JsonObject
        {
            ["phase"] = runs ? "Running" : "Pending",
            ["startTime"] = now,
            ["hostIP"] = "127.0.0.1",
            ["podIP"] = runs ? "10.244.0.2" : null,
            ["conditions"] = new JsonArray(ready),
            ["containerStatuses"] = new JsonArray([.. mains.Select(state => state.ToJson(now, init: false))]),
        };
        if (inits.Count > 0) status["initContainerStatuses"] = new JsonArray([.. inits.Select(state => state.ToJson(now, init: true))]);
        return status;
    }
}
