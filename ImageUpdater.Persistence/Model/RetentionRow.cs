namespace ImageUpdater.Persistence.Model;

/// <summary>How far back retention has cleared the state. One row; the audit's triggers read it.</summary>
internal sealed class RetentionRow
{
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    public required DateTimeOffset RanAt { get; set; }

    /// <summary>Audit records from before this moment may be deleted; others never.</summary>
    public required DateTimeOffset Before { get; set; }
}
