using System.Globalization;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>How long things take in the cluster.</summary>
/// <param name="Step">Between a change and what a controller or a node does about it.</param>
internal sealed record ClusterTiming(TimeProvider Time, TimeSpan Step)
{
    /// <summary>Between two pulls of an image that could not be had.</summary>
    public TimeSpan Retry => (Step * 2) + TimeSpan.FromMilliseconds(20);

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>As the API writes a time: RFC 3339, UTC, to the second.</summary>
    public string Timestamp => Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
