namespace ImageUpdater.Persistence.Model;

/// <summary>The number of the newest audit record. One row, from the first record on, which every write that adds records has to change.</summary>
internal sealed class AuditCounterRow
{
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    public required long Last { get; set; }
}
