namespace ImageUpdater.Host.Metrics;

/// <summary>Recurring work outside of the cycles.</summary>
internal enum BackgroundLoop
{
    /// <summary>Tracking of running rollouts.</summary>
    Tracking,

    Retention,

    /// <summary>The reader of the audit log that sends Kubernetes Events.</summary>
    Events,

    /// <summary>The reader of the audit log that logs and counts the records.</summary>
    AuditLog,
}
