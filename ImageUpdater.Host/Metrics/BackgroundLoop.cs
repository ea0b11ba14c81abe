namespace ImageUpdater.Host.Metrics;

/// <summary>What runs beside the cycles, again and again.</summary>
internal enum BackgroundLoop
{
    /// <summary>The look at rollouts that are under way.</summary>
    Tracking,

    Retention,

    /// <summary>The sending of Kubernetes Events.</summary>
    Events,
}
