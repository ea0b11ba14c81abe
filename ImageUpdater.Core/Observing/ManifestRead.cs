using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Observing;

/// <summary>The last time that a manifest was requested from its repository: what a restart would pull.</summary>
/// <param name="Image">The repository, at the digest of the manifest.</param>
/// <param name="Failure">Null if it was read. It is not requested again then: content never changes.</param>
/// <param name="FailuresInARow">Requests that failed; 0 if it was read.</param>
/// <param name="NextRead">Not requested before this time; null if it was read.</param>
public sealed record ManifestRead(
    ImageReference Image, DateTimeOffset At, RegistryFailure? Failure = null, int FailuresInARow = 0, DateTimeOffset? NextRead = null)
{
    /// <summary>Whose credentials it was requested with.</summary>
    public Reader Reader { get; init; }

    public ObservedImage Observed => new(Image, Reader);

    /// <summary>Whether a failed read is due again. A time beyond the longest backoff is ignored: the clock was set back since.</summary>
    public bool IsDue(DateTimeOffset now, TimeSpan interval) =>
        Failure is not null && !(NextRead > now && NextRead <= now + CheckSchedule.LongestAfterFailure(interval));

    /// <summary>The read that failed now, with the backoff of a check that failed.</summary>
    /// <param name="before">The read before; null for the first.</param>
    /// <param name="interval">Between two checks of the image.</param>
    /// <param name="fraction">From 0 to 1, drawn at random.</param>
    public static ManifestRead Failed(ObservedImage image, ManifestRead? before, RegistryFailure failure, DateTimeOffset at, TimeSpan interval, double fraction)
    {
        var failures = (before?.FailuresInARow ?? 0) + 1;
        return new ManifestRead(image.Image, at, failure, failures, CheckSchedule.AfterFailure(failures, at, failure, interval, fraction)) { Reader = image.Reader };
    }
}
