namespace ImageUpdater.Persistence.Model;

/// <summary>The position of an audit log reader.</summary>
internal sealed class CursorRow
{
    public required string Reader { get; set; }

    /// <summary>The number of the last record that was processed.</summary>
    public required long Position { get; set; }

    public required DateTimeOffset MovedAt { get; set; }
}
