namespace ImageUpdater.Persistence.Model;

/// <summary>The number of the newest audit record. One row, added with the first record, and updated by every write that adds records.</summary>
internal sealed class AuditCounterRow
{
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    public required long Last { get; set; }
}
