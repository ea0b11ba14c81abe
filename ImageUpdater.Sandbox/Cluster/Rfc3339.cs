using System.Globalization;

namespace ImageUpdater.Sandbox.Cluster;

internal static class Rfc3339
{
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
