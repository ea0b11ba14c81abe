using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Persistence.Model;

/// <summary>One tag that is, or was, asked for, and what the last checks of it gave.</summary>
internal sealed class ImageRow
{
    public long Id { get; set; }

    public required string Registry { get; set; }

    public required string Repository { get; set; }

    public required string Tag { get; set; }

    public Digest? Digest { get; set; }

    public string? MediaType { get; set; }

    public DateTimeOffset? LastChecked { get; set; }

    public DateTimeOffset? LastChanged { get; set; }

    public RegistryFailureKind? FailureKind { get; set; }

    public string? FailureMessage { get; set; }

    public DateTimeOffset? RetryAt { get; set; }

    public int FailuresInARow { get; set; }

    public DateTimeOffset? NextCheck { get; set; }

    public List<ObservationRow> Observations { get; } = [];

    public ImageReference Reference =>
        ImageReference.TryParse($"{Registry}/{Repository}:{Tag}", out var reference)
            ? reference
            : throw new FormatException($"'{Registry}/{Repository}:{Tag}' is not an image reference.");

    public static ImageRow Of(ImageReference image) => new() { Registry = image.Registry, Repository = image.Repository, Tag = image.Tag! };

    /// <summary>Takes over what a check found; gives the observation when the tag serves another digest than before.</summary>
    public ObservationRow? Take(ImageCheck check)
    {
        switch (check)
        {
            case FailedCheck { Failure: var failure }:
                // Where nothing was asked nothing was checked. It is a failure all the same: the digest can't be had for now.
                if (failure.WasAsked)
                    LastChecked = check.At;
                if (failure.WasAsked || FailuresInARow == 0)
                    FailuresInARow++;
                FailureKind = failure.Kind;
                FailureMessage = failure.Message;
                RetryAt = failure.RetryAt;
                return null;
            case ServedCheck served:
                LastChecked = check.At;
                FailureKind = null;
                FailureMessage = null;
                RetryAt = null;
                FailuresInARow = 0;
                MediaType = served.MediaType;
                if (Digest == served.Digest)
                    return null;

                Digest = served.Digest;
                LastChanged = served.At;
                return new ObservationRow { Digest = served.Digest, MediaType = served.MediaType, ServedFrom = served.At };
            default:
                throw new ArgumentException($"{check.GetType().Name} is a kind of check that the store does not know.", nameof(check));
        }
    }

    public ImageState ToState() => new(
        Reference, Digest, MediaType, LastChecked, LastChanged,
        FailureKind is { } kind ? new RegistryFailure(kind, FailureMessage ?? "", RetryAt) : null,
        FailuresInARow,
        NextCheck);
}

/// <summary>Append-only: the tag served this digest from then until the next row of the same image.</summary>
internal sealed class ObservationRow
{
    public long Id { get; set; }

    public long ImageId { get; set; }

    public required Digest Digest { get; set; }

    public required string MediaType { get; set; }

    public required DateTimeOffset ServedFrom { get; set; }
}
