using System.Collections;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// The items of a list, of which only the enabled stay. The serializer adds them one by one while the answer arrives, so ten thousand
/// others cost time but no memory.
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
