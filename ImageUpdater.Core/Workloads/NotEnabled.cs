namespace ImageUpdater.Core.Workloads;

/// <summary>A workload that is not enabled although somebody meant it to be.</summary>
/// <param name="Why">One message, without the name of the workload.</param>
public sealed record EnablingMistake(WorkloadKey Workload, string Why);

/// <summary>Workloads that were read and are not enabled. They are counted and not kept, so that memory does not grow with them.</summary>
/// <param name="Mistakes">By workload; not all of them if there are many.</param>
public sealed record NotEnabled(int Count, IReadOnlyList<EnablingMistake> Mistakes)
{
    private const int MostNamed = 5;

    // A workload may have thousands of annotations, and comparing names is slow.
    private const int MostCompared = 20;

    // Somebody meant it.
    private static readonly string[] Off = ["false", "no", "off", "0", "disabled", ""];

    /// <summary>Warnings for the plan.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            foreach (var mistake in Mistakes.Take(MostNamed))
                yield return $"{mistake.Workload} is not enabled: {mistake.Why}";
            if (Mistakes.Count > MostNamed)
                yield return $"{Mistakes.Count - MostNamed} more workloads are not enabled for such a reason";
        }
    }

    /// <summary>Why a workload with these annotations is not enabled although it was meant to be; null if it was not, or is enabled.</summary>
    /// <param name="annotations">Those with our prefix, of the workload itself.</param>
    /// <param name="template">Those with our prefix, of its pod template.</param>
    public static string? MistakeOf(IReadOnlyDictionary<string, string> annotations, IReadOnlyDictionary<string, string> template)
    {
        if (annotations.TryGetValue(Annotations.Enabled, out var value))
        {
            return value == "true" || Off.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase)
                ? null
                : $"invalid enabled '{UntrustedText.Bound(value, 80)}'; use \"true\"";
        }

        foreach (var key in annotations.Keys.Order(StringComparer.Ordinal).Take(MostCompared))
        {
            var name = key[Annotations.Prefix.Length..];
            if (!Annotations.Names.Contains(name) && ClosestName.Find(name, Annotations.Names) == "enabled")
                return $"unknown annotation '{UntrustedText.Bound(name, 80)}'; did you mean 'enabled'?";
        }

        return template.TryGetValue(Annotations.Enabled, out var below) && !Off.Contains(below.Trim(), StringComparer.OrdinalIgnoreCase)
            ? "the annotation enabled is on the pod template; set it in the metadata of the workload"
            : null;
    }
}
