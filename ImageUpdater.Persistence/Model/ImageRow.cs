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

    /// <summary>The namespace whose credentials it is read with; empty for what all share.</summary>
    public string Reader { get; set; } = "";

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

    public ImageReference Reference => ImageReferenceConversion.Read($"{Registry}/{Repository}:{Tag}");

    public ObservedImage Observed => new(Reference, ReaderText.Read(Reader));

    public static ImageRow Of(ObservedImage read) =>
        new() { Registry = read.Image.Registry, Repository = read.Image.Repository, Tag = read.Image.Tag!, Reader = ReaderText.Of(read.Reader) };

    public void Save(ImageState state)
    {
        Digest = state.Digest;
        MediaType = state.MediaType;
        LastChecked = state.LastChecked;
        LastChanged = state.LastChanged;
        FailureKind = state.Failure?.Kind;
        FailureMessage = state.Failure?.Message;
        RetryAt = state.Failure?.RetryAt;
        FailuresInARow = state.FailuresInARow;
    }

    public ImageState ToState() => new(
        Reference, Digest, MediaType, LastChecked, LastChanged,
        FailureKind is { } kind ? new RegistryFailure(kind, FailureMessage ?? "", RetryAt) : null,
        FailuresInARow,
        NextCheck)
    {
        Reader = ReaderText.Read(Reader),
    };
}

/// <summary>Append-only. The tag served this digest from ServedFrom until the next observation of the same image.</summary>
internal sealed class ObservationRow
{
    public long Id { get; set; }

    public long ImageId { get; set; }

    public required Digest Digest { get; set; }

    public required string MediaType { get; set; }

    public required DateTimeOffset ServedFrom { get; set; }

    public static ObservationRow Of(Observation observation) =>
        new() { Digest = observation.Digest, MediaType = observation.MediaType, ServedFrom = observation.From };

    public ObservationRow Copy() => new() { Digest = Digest, MediaType = MediaType, ServedFrom = ServedFrom };

    public Observation ToObservation(ObservedImage read) => new(read.Image, Digest, MediaType, ServedFrom) { Reader = read.Reader };
}
