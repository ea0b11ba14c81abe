using System.Collections;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// Collection that drops workloads that are not enabled. The serializer adds items while the response arrives, so those that are dropped take
/// no memory, however many.
/// </summary>
internal sealed class EnabledWorkloads : ICollection<WorkloadObject>
{
    private readonly List<WorkloadObject> kept = [];

    public int Count => kept.Count;

    public bool IsReadOnly => false;

    public void Add(WorkloadObject item)
    {
        if (item is { IsEnabled: true })
            kept.Add(item);
    }

    public void Clear() => kept.Clear();

    public bool Contains(WorkloadObject item) => kept.Contains(item);

    public void CopyTo(WorkloadObject[] array, int arrayIndex) => kept.CopyTo(array, arrayIndex);

    public bool Remove(WorkloadObject item) => kept.Remove(item);

    public IEnumerator<WorkloadObject> GetEnumerator() => kept.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
