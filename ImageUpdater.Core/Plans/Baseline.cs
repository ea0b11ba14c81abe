using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Plans;

/// <summary>One container of one workload. The uid, not the name: a workload made anew starts without a past.</summary>
public readonly record struct ContainerId(string WorkloadUid, string Container);

/// <summary>What a container is taken to run: the digest that was last rolled out to it, or adopted for it.</summary>
/// <param name="Image">The reference that it belongs to. Another reference in the workload makes the baseline void.</param>
public sealed record Baseline(ContainerId Id, ImageReference Image, Digest Digest, BaselineOrigin Origin, DateTimeOffset Since);

/// <summary>How a baseline got there. Stored by name.</summary>
public enum BaselineOrigin
{
    /// <summary>ImageUpdater restarted the workload for it.</summary>
    RolledOut,

    /// <summary>Taken from the <c>last-digest</c> annotation, because the store had none.</summary>
    LastDigest,

    /// <summary>All current pods report it.</summary>
    RunningPods,

    /// <summary>What the registry served, or the reference itself pinned, when the container or its image reference was first seen.</summary>
    FirstSeen,

    /// <summary>Another digest with the same manifests for the platforms of the nodes.</summary>
    SameManifests,
}
