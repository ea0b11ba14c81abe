using System.Globalization;

namespace ImageUpdater.Sandbox.Cluster;

/// <summary>The delays in the cluster.</summary>
/// <param name="Step">Delay before a controller or a node reacts to a change.</param>
internal sealed record ClusterTiming(TimeProvider Time, TimeSpan Step)
{
    /// <summary>Delay before a failed image pull is retried.</summary>
    public TimeSpan Retry => (Step * 2) + TimeSpan.FromMilliseconds(20);

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>The current time in the API's format: RFC 3339, UTC, to the second.</summary>
    public string Timestamp => Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
