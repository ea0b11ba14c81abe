namespace ImageUpdater.Host.Metrics;

/// <summary>What runs beside the cycles, again and again.</summary>
internal enum BackgroundLoop
{
    /// <summary>The look at rollouts that are under way.</summary>
    Tracking,

    Retention,

    /// <summary>The reader of the audit log that sends Kubernetes Events.</summary>
    Events,

    /// <summary>The reader of the audit log that writes its lines to the program's log, and counts.</summary>
    AuditLog,
}
