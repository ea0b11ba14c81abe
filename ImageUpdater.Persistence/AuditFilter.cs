using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence;

/// <summary>Which audit records to read; what is null does not restrict.</summary>
public sealed record AuditFilter
{
    public const int DefaultLimit = 100;

    public WorkloadKind? Kind { get; init; }

    public string? Name { get; init; }

    public string? Namespace { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Default: <see cref="DefaultLimit"/>.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>To go on where the last page ended: its smallest id.</summary>
    public long? BeforeId { get; init; }
}
