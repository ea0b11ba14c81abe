namespace ImageUpdater.Sandbox.Cluster;

/// <summary>How long things take in the cluster.</summary>
internal sealed record ClusterTiming(TimeProvider Time, TimeSpan Step, TimeSpan Termination)
{
    /// <summary>Between two pulls of an image that could not be had.</summary>
    public TimeSpan Retry => Step * 2 + TimeSpan.FromMilliseconds(20);

    public DateTimeOffset Now => Time.GetUtcNow();
}
