namespace ImageUpdater.Persistence.Model;

/// <summary>How far a reader of the audit log is.</summary>
internal sealed class CursorRow
{
    public required string Reader { get; set; }

    /// <summary>The number of the record that it was done with last.</summary>
    public required long Position { get; set; }

    public required DateTimeOffset MovedAt { get; set; }
}
