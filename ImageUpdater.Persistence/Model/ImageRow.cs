using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Persistence.Model;

/// <summary>A tag that is or was in use, with the results of its last checks.</summary>
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

    /// <summary>Applies the result of a check. Returns an observation if the tag serves a new digest, else null.</summary>
    public ObservationRow? Take(ImageCheck check)
    {
        // The clock was wrong then. Uncorrected, the age of the digest would stay 0 until the clock reaches that time.
        if (LastChanged > check.At)
            LastChanged = check.At;
        switch (check)
        {
            case FailedCheck { Failure: var failure }:
                // During a backoff no request is sent: the failure is recorded, but not as a check.
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
                throw new ArgumentException($"unknown kind of check: {check.GetType().Name}", nameof(check));
        }
    }

    public ImageState ToState() => new(
        Reference, Digest, MediaType, LastChecked, LastChanged,
        FailureKind is { } kind ? new RegistryFailure(kind, FailureMessage ?? "", RetryAt) : null,
        FailuresInARow,
        NextCheck);
}

/// <summary>Append-only. The tag served this digest from ServedFrom until the next observation of the same image.</summary>
internal sealed class ObservationRow
{
    public long Id { get; set; }

    public long ImageId { get; set; }

    public required Digest Digest { get; set; }

    public required string MediaType { get; set; }

    public required DateTimeOffset ServedFrom { get; set; }
}
