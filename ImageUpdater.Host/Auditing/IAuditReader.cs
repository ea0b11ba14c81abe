using ImageUpdater.Core.Auditing;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.Host.Auditing;

/// <summary>Somebody who is to hear of what the audit log says, record by record and in order. <see cref="AuditReaderLoop"/> brings them.</summary>
internal interface IAuditReader
{
    /// <summary>Its name where it fails.</summary>
    BackgroundLoop Loop { get; }

    /// <summary>The name of its cursor in the store; null for one that begins at the end of the log with each start.</summary>
    string? Cursor { get; }

    /// <returns>False when that can't be now: the same record comes again after a while. An exception is a bug, and the record comes again, too.</returns>
    Task<bool> TellAsync(AuditRecord record, CancellationToken cancellationToken);
}
