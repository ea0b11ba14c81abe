namespace ImageUpdater.Persistence;

/// <summary>
/// A store operation failed for a reason outside the program, for example a full disk or a read-only file.
/// The operation stored nothing. The store remains usable, and works again once the cause is fixed.
/// </summary>
/// <param name="message">For the user: what is wrong, then what to do.</param>
public sealed class StateStoreException(string message, StateStoreProblem kind, Exception? inner) : Exception(message, inner)
{
    public StateStoreProblem Kind { get; } = kind;
}
