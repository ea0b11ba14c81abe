using ImageUpdater.Core.Images;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Observing;

/// <summary>The cluster as read at the start of a cycle.</summary>
internal sealed record ClusterView(
    PlanScope Scope,
    IReadOnlyList<WorkloadSnapshot> Workloads,
    IReadOnlyList<Platform> NodePlatforms,
    IReadOnlyList<string> Warnings,
    NotEnabled NotEnabled);
