using ImageUpdater.Core.Images;

namespace ImageUpdater.Core.Observing;

/// <summary>When an image was checked, and when it will be.</summary>
/// <param name="LastChecked">Null where it never was.</param>
/// <param name="NextCheck">Time of the next check by <c>run</c>; <c>plan</c> and <c>apply</c> may check earlier. Null if a check is due.</param>
/// <param name="Failure">Of the last check, in words; null when it succeeded.</param>
public sealed record ImageOutlook(ImageReference Image, DateTimeOffset? LastChecked, DateTimeOffset? NextCheck, string? Failure)
{
    /// <summary>Whose credentials it is read with.</summary>
    public Reader Reader { get; init; }

    public ObservedImage Observed => new(Image, Reader);
}
