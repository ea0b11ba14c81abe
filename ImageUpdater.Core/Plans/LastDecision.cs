using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Plans;

/// <summary>The newest plan's decision about a container, and since when it is unchanged.</summary>
public sealed record LastDecision(
    ContainerId Id,
    WorkloadKey Workload,
    string ImageText,
    ContainerAction Action,
    DecisionReason Reason,
    string Explanation,
    Digest? From,
    Digest? To,
    DateTimeOffset Since);
