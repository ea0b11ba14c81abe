using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Persistence;

/// <summary>Selects audit records; properties that are null do not restrict.</summary>
public sealed record AuditFilter
{
    public const int DefaultLimit = 100;

    public WorkloadKind? Kind { get; init; }

    public string? Name { get; init; }

    public string? Namespace { get; init; }

    /// <summary>Only these actions.</summary>
    public IReadOnlyList<AuditAction>? Actions { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary>Maximum number of records. Default: <see cref="DefaultLimit"/>.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>For following the log: only records with larger ids. The first <see cref="Limit"/> of them, oldest first.</summary>
    public long? AfterId { get; init; }

    /// <summary>For paging: only records with smaller ids. Pass the smallest id of the previous page.</summary>
    public long? BeforeId { get; init; }
}
