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
    /// <summary>The last check as it was then; null where there was none.</summary>
    public ImageCheck? ToCheck() => this switch
    {
        { Failure: { } failure } => new FailedCheck(Image, LastChecked ?? DateTimeOffset.MinValue, failure),
        { LastChecked: { } at, Digest: { } digest, MediaType: { } mediaType } => new ServedCheck(Image, at, digest, mediaType),
        _ => null,
    };
}

/// <summary>This tag served this digest from then until the next observation of it. Append-only.</summary>
public sealed record Observation(ImageReference Image, Digest Digest, string MediaType, DateTimeOffset From);
