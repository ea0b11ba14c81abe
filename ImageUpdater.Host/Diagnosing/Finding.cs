namespace ImageUpdater.Host.Diagnosing;

internal enum FindingStatus
{
    Ok,

    /// <summary>Something does not work as well as it could, or only some workloads are affected.</summary>
    Warning,
    Failed,
}

/// <summary>What is examined; <c>doctor --skip</c> takes the names.</summary>
internal enum DoctorCheck
{
    Configuration,
    Cluster,
    Clock,
    Permissions,
    Workloads,
    Registries,
    Proxy,
    Volume,
}

/// <summary>The result of one check: one line.</summary>
/// <param name="Message">What is the case.</param>
/// <param name="Hint">What to do; null if there is nothing to do.</param>
/// <param name="Manifest">YAML to apply, if that is what to do.</param>
internal sealed record Finding(DoctorCheck Check, FindingStatus Status, string Message, string? Hint = null, string? Manifest = null);
