namespace ImageUpdater.Core.Workloads;

/// <summary>The published names. They are a contract with users' workloads: never change one.</summary>
public static class Annotations
{
    public const string Prefix = "image-updater.eznix86.github.io/";
    public const string Enabled = Prefix + "enabled";
    public const string TrackContainers = Prefix + "track-containers";
    public const string IgnoreContainers = Prefix + "ignore-containers";
    public const string TrackInitContainers = Prefix + "track-init-containers";
    public const string LastDigest = Prefix + "last-digest";

    public const string Window = Prefix + "window";
    public const string Cooldown = Prefix + "cooldown";
    public const string MinAge = Prefix + "min-age";
    public const string Approval = Prefix + "approval";
    public const string ApprovedDigest = Prefix + "approved-digest";
    public const string RolloutTimeout = Prefix + "rollout-timeout";
    public const string OnFailure = Prefix + "on-failure";

    public const string PullPolicy = Prefix + "pull-policy";

    /// <summary>Written by ImageUpdater: containers pinned by <see cref="OnFailure"/> and their digests, in the form of <see cref="LastDigest"/>.</summary>
    public const string PinnedDigest = Prefix + "pinned-digest";

    /// <summary>All annotations, without <see cref="Prefix"/>. Any other one with the prefix is a mistake.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        .. new[]
        {
            Enabled, TrackContainers, IgnoreContainers, TrackInitContainers, LastDigest, Window, Cooldown, MinAge, Approval, ApprovedDigest, RolloutTimeout, OnFailure,
            PullPolicy, PinnedDigest,
        }.Select(key => key[Prefix.Length..]),
    ];

    /// <summary>Left by the Python operator; it blocks deletion until it is removed.</summary>
    public const string LegacyFinalizer = Prefix + "finalizer";

    /// <summary>kubectl's own, on the pod template.</summary>
    public const string RestartedAt = "kubectl.kubernetes.io/restartedAt";
}
