using ImageUpdater.Sandbox.Cluster.Store;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>Pods by the uid of the controller in their ownerReferences, kept along with the store.</summary>
internal sealed class PodIndex
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, SortedDictionary<string, StoredObject>> byOwner = [];
    private readonly Dictionary<string, WorkItem> workloads = [];

    /// <summary>The pods of an owner belong to this workload.</summary>
    public void Register(string ownerUid, WorkItem workload)
    {
        lock (gate) workloads[ownerUid] = workload;
    }

    /// <summary>Takes in a change of a pod; answers the workload that it belongs to.</summary>
    public WorkItem? Notice(StoreEvent change)
    {
        StoredObject pod = change.Object;
        if (pod.OwnerUid is not { } owner) return null;
        lock (gate)
        {
            if (!byOwner.TryGetValue(owner, out SortedDictionary<string, StoredObject>? pods))
                byOwner[owner] = pods = new SortedDictionary<string, StoredObject>(StringComparer.Ordinal);
            if (change.Type != ChangeType.Deleted) pods[pod.Key] = pod;
            else if (pods.Remove(pod.Key) && pods.Count == 0) byOwner.Remove(owner);
            return workloads.TryGetValue(owner, out WorkItem item) ? item : null;
        }
    }

    public List<StoredObject> PodsOf(IEnumerable<string> owners)
    {
        lock (gate) return [.. owners.SelectMany(owner => byOwner.TryGetValue(owner, out var pods) ? pods.Values.AsEnumerable() : [])];
    }

    public void Forget(IEnumerable<string> owners)
    {
        lock (gate)
        {
            foreach (string owner in owners) workloads.Remove(owner);
        }
    }
}
