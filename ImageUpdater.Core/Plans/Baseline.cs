using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Plans;

/// <summary>One container of one workload. By uid, not name: a recreated workload starts without a baseline.</summary>
public readonly record struct ContainerId(string WorkloadUid, string Container);

/// <summary>The digest that was last rolled out to a container, or adopted for it.</summary>
/// <param name="Image">The image reference it belongs to. It does not apply to a different reference.</param>
public sealed record Baseline(ContainerId Id, ImageReference Image, Digest Digest, BaselineOrigin Origin, DateTimeOffset Since)
{
    /// <summary>No pod reported a digest: the served digest was adopted without knowing what the pods run.</summary>
    public bool IsUnverified { get; init; }
}

/// <summary>How a baseline was recorded. Stored by name.</summary>
public enum BaselineOrigin
{
    /// <summary>ImageUpdater restarted the workload for it.</summary>
    RolledOut,

    /// <summary>Read from the <c>last-digest</c> annotation, because the store had none.</summary>
    LastDigest,

    /// <summary>All current pods report it.</summary>
    RunningPods,

    /// <summary>What the registry served, or the reference itself pinned, when the container or its image reference was first seen.</summary>
    FirstSeen,

    /// <summary>Another digest with the same manifests for the platforms of the nodes.</summary>
    SameManifests,

    /// <summary>ImageUpdater rolled it out before the store was lost, and somebody went back to an earlier revision since.</summary>
    Undone,
}
