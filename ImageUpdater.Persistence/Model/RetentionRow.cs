namespace ImageUpdater.Persistence.Model;

/// <summary>The last run of retention. One row, which the audit's triggers read.</summary>
internal sealed class RetentionRow
{
    public const int OnlyId = 1;

    public int Id { get; set; } = OnlyId;

    public required DateTimeOffset RanAt { get; set; }

    /// <summary>Only audit records older than this may be deleted.</summary>
    public required DateTimeOffset Before { get; set; }
}
