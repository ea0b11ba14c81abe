using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Observing;

/// <summary>The stored state of an image between two checks.</summary>
/// <param name="Digest">The last one that was served; a failing check leaves it as it is.</param>
/// <param name="LastChecked">The last check, whether it succeeded or not.</param>
/// <param name="Failure">Of the last check; null when it succeeded.</param>
/// <param name="FailuresInARow">Checks that failed since the last success.</param>
/// <param name="NextCheck">Null where it is due: nothing has planned it yet.</param>
public sealed record ImageState(
    ImageReference Image,
    Digest? Digest,
    string? MediaType,
    DateTimeOffset? LastChecked,
    DateTimeOffset? LastChanged,
    RegistryFailure? Failure,
    int FailuresInARow,
    DateTimeOffset? NextCheck = null)
{
    /// <summary>Whose credentials it is read with.</summary>
    public Reader Reader { get; init; }

    public ObservedImage Observed => new(Image, Reader);

    /// <summary>The last check as it was then; null where there was none.</summary>
    public ImageCheck? ToCheck() => this switch
    {
        { Failure: { } failure } => new FailedCheck(Image, LastChecked ?? DateTimeOffset.MinValue, failure) { Reader = Reader },
        { LastChecked: { } at, Digest: { } digest, MediaType: { } mediaType } => new ServedCheck(Image, at, digest, mediaType) { Reader = Reader },
        _ => null,
    };

    /// <summary>The state before the first check.</summary>
    public static ImageState New(ImageReference image) =>
        new(image, Digest: null, MediaType: null, LastChecked: null, LastChanged: null, Failure: null, FailuresInARow: 0);

    /// <summary>
    /// The state with the time since when another reader of the tag has seen the same digest, if that is longer: who reads the digest may know since when the
    /// tag serves it. So a tag that becomes private, or public, does not look like a new image.
    /// </summary>
    public ImageState Since(ImageState other) =>
        Digest is not null && other.Digest == Digest && other.LastChanged < LastChanged ? this with { LastChanged = other.LastChanged } : this;

    /// <summary>The state after a check, and an observation if the tag serves a new digest.</summary>
    public (ImageState State, Observation? Observation) After(ImageCheck check)
    {
        // The clock was wrong then. Uncorrected, the age of the digest would stay 0 until the clock reaches that time.
        var changed = LastChanged > check.At ? check.At : LastChanged;
        switch (check)
        {
            case FailedCheck { Failure: var failure }:
                // During a backoff no request is sent: the failure is recorded, but not as a check.
                return (this with
                {
                    LastChecked = failure.WasAsked ? check.At : LastChecked,
                    LastChanged = changed,
                    Failure = failure,
                    FailuresInARow = failure.WasAsked || FailuresInARow == 0 ? FailuresInARow + 1 : FailuresInARow,
                }, null);
            case ServedCheck served:
                var isNew = Digest != served.Digest;
                return (this with
                {
                    Digest = served.Digest,
                    MediaType = served.MediaType,
                    LastChecked = check.At,
                    LastChanged = isNew ? check.At : changed,
                    Failure = null,
                    FailuresInARow = 0,
                }, isNew ? new Observation(Image, served.Digest, served.MediaType, check.At) { Reader = Reader } : null);
            default:
                throw new ArgumentException($"unknown kind of check: {check.GetType().Name}", nameof(check));
        }
    }
}

/// <summary>This tag served this digest from then until the next observation of it. Append-only.</summary>
public sealed record Observation(ImageReference Image, Digest Digest, string MediaType, DateTimeOffset From)
{
    /// <summary>Whose credentials it was read with.</summary>
    public Reader Reader { get; init; }
}
