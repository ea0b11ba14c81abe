using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Plans;

/// <summary>The decision about a container that the newest plan left standing, and since when it is what it is.</summary>
public sealed record StandingDecision(
    ContainerId Id,
    WorkloadKey Workload,
    string ImageText,
    ContainerAction Action,
    DecisionReason Reason,
    string Explanation,
    Digest? From,
    Digest? To,
    DateTimeOffset Since);
