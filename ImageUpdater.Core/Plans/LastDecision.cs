using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Plans;

/// <summary>The decision about a container that the newest plan left, and since when it stands.</summary>
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
