using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Registry.Bodies;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Reads documents as they are read from a connection.</summary>
internal static class Bodies
{
    /// <param name="step">How many bytes arrive at once.</param>
    public static Result<Manifest, string> Manifest(byte[] body, int step, string? contentType) =>
        Scan(new ManifestScan(), body, step).ToManifest(Digest.OfContent(body), contentType);

    public static TScan Scan<TScan>(TScan scan, byte[] body, int step)
        where TScan : JsonScan
    {
        var (from, to) = (0, 0);
        do
        {
            to = Math.Min(body.Length, to + step);
            from += scan.Parse(body.AsSpan(from, to - from), isLast: false);
        }
        while (to < body.Length && !scan.IsOver);

        scan.Parse(body.AsSpan(from, to - from), isLast: true);
        return scan;
    }
}
