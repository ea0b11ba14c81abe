namespace ImageUpdater.Core.Workloads;

/// <summary>The published names. They are a contract with the workloads of every user: never change one.</summary>
public static class Annotations
{
    public const string Prefix = "image-updater.eznix86.github.io/";
    public const string Enabled = Prefix + "enabled";
    public const string TrackContainers = Prefix + "track-containers";
    public const string IgnoreContainers = Prefix + "ignore-containers";
    public const string TrackInitContainers = Prefix + "track-init-containers";
    public const string LastDigest = Prefix + "last-digest";

    /// <summary>Left behind by the Python operator; nobody else removes it, and deletion hangs on it.</summary>
    public const string LegacyFinalizer = Prefix + "finalizer";

    /// <summary>kubectl's own, on the pod template.</summary>
    public const string RestartedAt = "kubectl.kubernetes.io/restartedAt";
}
