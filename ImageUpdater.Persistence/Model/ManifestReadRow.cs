using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;

namespace ImageUpdater.Persistence.Model;

/// <summary>The last request for a manifest from its repository, successful or not.</summary>
internal sealed class ManifestReadRow
{
    /// <summary>The repository, at the digest.</summary>
    public required ImageReference Image { get; set; }

    /// <summary>The namespace whose credentials it was requested with; empty for those of all.</summary>
    public required string Reader { get; set; }

    public required Digest Digest { get; set; }

    public required DateTimeOffset ReadAt { get; set; }

    public RegistryFailureKind? FailureKind { get; set; }

    public string? FailureMessage { get; set; }

    public int FailuresInARow { get; set; }

    public DateTimeOffset? NextRead { get; set; }

    public static ManifestReadRow Of(ManifestRead read)
    {
        var row = new ManifestReadRow { Image = read.Image, Reader = ReaderText.Of(read.Reader), Digest = read.Image.Digest!, ReadAt = read.At };
        row.Take(read);
        return row;
    }

    public void Take(ManifestRead read)
    {
        ReadAt = read.At;
        FailureKind = read.Failure?.Kind;
        FailureMessage = read.Failure?.Message;
        FailuresInARow = read.FailuresInARow;
        NextRead = read.NextRead;
    }

    public ManifestRead ToRead() =>
        new(Image, ReadAt, FailureKind is { } kind ? new RegistryFailure(kind, FailureMessage ?? "") : null, FailuresInARow, NextRead)
        {
            Reader = ReaderText.Read(Reader),
        };
}
