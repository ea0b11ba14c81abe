using System.Text.Json.Nodes;
using ImageUpdater.Sandbox.Cluster.Store;
using ImageUpdater.Sandbox.Cluster.Writing;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>Creates and deletes pods as the ReplicaSet, StatefulSet and DaemonSet controllers do, as far as possible in one view.</summary>
internal sealed class Steps(ObjectWriter writer)
{
    public void Take(RolloutView view)
    {
        if (view.Kind == ResourceKind.Deployments) Deployment(view, view.Update!);
        else if (view.Kind == ResourceKind.StatefulSets) StatefulSet(view, view.Update!);
        else if (view.Kind == ResourceKind.DaemonSets) DaemonSet(view, view.Update!);
    }

    public void Delete(StoredObject pod)
    {
        if (!pod.Deleting) writer.Delete(pod.Key);
    }

    /// <summary>Uses 25 %, the default of maxSurge and maxUnavailable; other values, and the strategy Recreate, are ignored.</summary>
    private void Deployment(RolloutView view, Revision update)
    {
        var (surge, unavailable) = ((view.Desired + 3) / 4, view.Desired / 4);
        var updated = view.Alive.Where(view.IsUpdated).OrderBy(pod => pod.Ready).ToList();
        var old = view.Alive.Where(pod => !view.IsUpdated(pod)).OrderBy(pod => pod.Ready).ToList();

        // A paused rollout makes no progress.
        if (old.Count > 0 && view.Spec.Flag("paused")) return;

        var missing = Math.Min(view.Desired - updated.Count, view.Desired + surge - view.Alive.Count);
        for (var i = 0; i < missing; i++) Create(update, $"{update.Owner.Name}-{ObjectWriter.NewSuffix()}");
        foreach (var pod in updated.Take(updated.Count - view.Desired)) Delete(pod);

        // Deletes old pods that are not ready, and as many ready ones as maxUnavailable allows.
        var spare = view.Ready - (view.Desired - unavailable);
        foreach (var pod in old.TakeWhile(pod => !pod.Ready || spare-- > 0)) Delete(pod);
    }

    /// <summary>By ordinal, one at a time: creates missing pods from the first, and replaces old ones from the last. Partitions are ignored.</summary>
    private void StatefulSet(RolloutView view, Revision update)
    {
        var pods = view.Pods.ToDictionary(pod => pod.Key.Name);
        var names = Enumerable.Range(0, view.Desired).Select(ordinal => $"{update.Workload.Name}-{ordinal}").ToList();
        foreach (var name in names)
        {
            var pod = pods.GetValueOrDefault(name);
            if (pod is null) Create(update, name);
            if (pod is not { Ready: true }) return;
        }

        var excess = view.Alive.Where(pod => !names.Contains(pod.Key.Name)).ToList();
        excess.ForEach(Delete);
        if (excess.Count > 0 || !view.Rolls) return;
        foreach (var pod in Enumerable.Reverse(names).Select(pods.GetValueOrDefault))
        {
            if (pod is { Deleting: false } && !view.IsUpdated(pod)) Delete(pod);
            // The next pod is replaced once this one is ready.
            if (pod is not { Ready: true } || !view.IsUpdated(pod)) return;
        }
    }

    /// <summary>One pod per node, updated one node at a time.</summary>
    private void DaemonSet(RolloutView view, Revision update)
    {
        var there = view.Pods.Select(pod => pod.NodeName).ToHashSet();
        foreach (var node in view.Nodes.Where(node => !there.Contains(node)))
            Create(update, $"{update.Workload.Name}-{ObjectWriter.NewSuffix()}", node);
        foreach (var pod in view.Alive.Where(pod => !view.Nodes.Contains(pod.NodeName ?? ""))) Delete(pod);
        if (!view.Rolls) return;
        // Old pods that are not ready don't count towards maxUnavailable.
        var old = view.Alive.Where(pod => !view.IsUpdated(pod)).ToList();
        old.Where(pod => !pod.Ready).ToList().ForEach(Delete);
        if (view.Ready == view.Desired && old.Find(pod => pod.Ready) is { } next) Delete(next);
    }

    private void Create(Revision revision, string name, string? node = null)
    {
        var pod = revision.Template.Copy();
        var metadata = pod.Ensure("metadata");
        metadata["name"] = name;
        metadata.Ensure("labels")[revision.Label] = revision.Name;
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = revision.Owner.Kind,
            ["name"] = revision.Owner.Name,
            ["uid"] = revision.Owner.Uid,
            ["controller"] = true,
        });
        if (node is not null) pod.Ensure("spec")["nodeName"] = node;
        pod["status"] = new JsonObject { ["phase"] = "Pending" };
        writer.Create(ResourceKind.Pods, revision.Workload.Namespace, "kube-controller-manager", pod);
    }
}
