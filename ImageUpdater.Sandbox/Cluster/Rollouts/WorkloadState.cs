using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Cluster.Rollouts;

/// <summary>What the controller remembers of one workload, by uid.</summary>
internal sealed class WorkloadState(WorkItem item)
{
    private readonly Dictionary<string, Revision> revisions = [];

    public WorkItem Item { get; } = item;

    public IEnumerable<string> Owners => revisions.Values.Select(revision => revision.OwnerUid).Append(Item.Uid).Distinct();

    /// <summary>The newest revision.</summary>
    public Revision? Update { get; private set; }

    /// <summary>The last revision that was rolled out to the end: StatefulSets report it.</summary>
    public Revision? Current { get; set; }

    public RolloutRecord? Running { get; set; }

    /// <summary>When a Deployment's rollout last got further.</summary>
    public DateTimeOffset ProgressAt { get; set; }

    public (int Updated, int Total, int Available) Progress { get; set; }

    /// <summary>The revision of a hash; a template that comes back gets a new number and its old pods.</summary>
    public Revision Roll(string hash, JsonObject template, bool ownedByReplicaSet)
    {
        int number = revisions.Count == 0 ? 1 : revisions.Values.Max(revision => revision.Number) + 1;
        string owner = revisions.TryGetValue(hash, out Revision? old) ? old.OwnerUid
            : ownedByReplicaSet ? Guid.NewGuid().ToString() : Item.Uid;
        Update = new Revision(hash, number, owner, template);
        revisions[hash] = Update;
        Current ??= Update;
        return Update;
    }

    public Revision? Find(string hash) => revisions.GetValueOrDefault(hash);
}
