namespace ImageUpdater.Core.Workloads;

/// <summary>Which containers of a workload its annotations select.</summary>
/// <remarks>
/// | track-containers | ignore-containers | tracked                                  |
/// |------------------|-------------------|------------------------------------------|
/// | absent or empty  | absent or empty   | all containers                           |
/// | absent or empty  | a, b              | all containers but a and b               |
/// | a, b             | (ignored)         | a and b                                  |
///
/// <c>track-init-containers: "true"</c> adds all init containers to any of these. A native sidecar (an init container with
/// <c>restartPolicy: Always</c>) can also be named: <c>track-containers</c> adds it, <c>ignore-containers</c> leaves it out of all init containers. A name that the template does not have
/// is a warning and not an error: the container may be added later, and the others are still tracked.
/// </remarks>
public sealed record ContainerSelection(
    IReadOnlyList<ContainerSpec> Tracked,
    IReadOnlyList<ContainerSpec> Untracked,
    IReadOnlyList<ContainerSpec> TrackedInit,
    IReadOnlyList<string> Warnings)
{
    // An annotation may hold 256 KiB of names; the plan with its warnings is stored.
    private const int MaxUnknownNames = 5;

    public static bool IsEnabled(IReadOnlyDictionary<string, string> annotations) =>
        annotations.TryGetValue(Annotations.Enabled, out var value) && value == "true";

    public static ContainerSelection Of(WorkloadSnapshot workload)
    {
        var trackInit = workload.Annotations.TryGetValue(Annotations.TrackInitContainers, out var init) && init == "true";
        var only = Names(workload, Annotations.TrackContainers);
        var ignored = Names(workload, Annotations.IgnoreContainers);
        if (only.Count == 0 && ignored.Count == 0)
            return new(workload.Containers, [], trackInit ? workload.InitContainers : [], []);

        var warnings = new List<string>();
        if (only.Count > 0 && ignored.Count > 0)
            warnings.Add("ignore-containers is ignored because track-containers is set");

        var (names, annotation) = only.Count > 0 ? (only, "track-containers") : (ignored, "ignore-containers");
        var sidecars = workload.InitContainers.Where(container => container.IsSidecar);
        var unknown = names.Except(workload.Containers.Concat(sidecars).Select(container => container.Name), StringComparer.Ordinal).ToList();
        foreach (var name in unknown.Take(MaxUnknownNames))
            warnings.Add($"{annotation} names '{UntrustedText.Bound(name, 80)}', which is not a container of the pod template");
        if (unknown.Count > MaxUnknownNames)
            warnings.Add($"{annotation} names {unknown.Count - MaxUnknownNames} more that are not containers of the pod template");

        var selected = workload.Containers.ToLookup(container => names.Contains(container.Name, StringComparer.Ordinal) == only.Count > 0);
        return new([.. selected[true]], [.. selected[false]], [.. workload.InitContainers.Where(IsTracked)], warnings);

        bool IsTracked(ContainerSpec init) => init.IsSidecar && names.Contains(init.Name, StringComparer.Ordinal) ? only.Count > 0 : trackInit;
    }

    private static List<string> Names(WorkloadSnapshot workload, string annotation) =>
        workload.Annotations.TryGetValue(annotation, out var text)
            ? [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)]
            : [];
}
