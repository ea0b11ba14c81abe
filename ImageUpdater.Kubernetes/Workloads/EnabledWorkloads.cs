using System.Collections;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.Kubernetes.Workloads;

/// <summary>
/// Collection that drops workloads that are not enabled. The serializer adds items while the response arrives, so those that are dropped take
/// no memory, however many. They are counted.
/// </summary>
internal sealed class EnabledWorkloads : ICollection<WorkloadObject>
{
    private readonly List<WorkloadObject> kept = [];
    private readonly List<WorkloadObject> mistaken = [];
    private int passedOver;

    public int Count => kept.Count;

    public bool IsReadOnly => false;

    public void Add(WorkloadObject item)
    {
        if (item is { IsEnabled: true })
        {
            kept.Add(item);
            return;
        }

        passedOver++;
        if (item is { Mistake: not null } && mistaken.Count < Calls.PassedOver.MostMistakes)
            mistaken.Add(item);
    }

    /// <summary>What was dropped.</summary>
    /// <param name="kind">Of the list, which its items do not name.</param>
    public PassedOver PassedOver(WorkloadKind kind)
    {
        var passed = Calls.PassedOver.None with { Count = passedOver - mistaken.Count };
        foreach (var workload in mistaken)
            passed = passed.With(workload.Metadata?.Uid, workload.MistakeOf(kind));
        return passed;
    }

    public void Clear() => kept.Clear();

    public bool Contains(WorkloadObject item) => kept.Contains(item);

    public void CopyTo(WorkloadObject[] array, int arrayIndex) => kept.CopyTo(array, arrayIndex);

    public bool Remove(WorkloadObject item) => kept.Remove(item);

    public IEnumerator<WorkloadObject> GetEnumerator() => kept.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
