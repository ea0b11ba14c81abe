using ImageUpdater.Core.Auditing;
using ImageUpdater.Host.Metrics;

namespace ImageUpdater.Host.Auditing;

/// <summary>Register an implementation to add a reader (ProgramParts). Receives the records of the audit log, one by one and in order, from <see cref="AuditReaderLoop"/>.</summary>
internal interface IAuditReader
{
    /// <summary>The name under which its failures are reported.</summary>
    BackgroundLoop Loop { get; }

    /// <summary>The name of its cursor in the store; null to start at the end of the log with each process.</summary>
    string? Cursor { get; }

    /// <summary>False if an option turns it off: then it is not started, and its cursor stays.</summary>
    bool IsOn => true;

    /// <returns>False if the record can't be processed now; it is delivered again later. An exception is a bug; the record is delivered again too.</returns>
    Task<bool> ProcessAsync(AuditRecord record, CancellationToken cancellationToken);
}
