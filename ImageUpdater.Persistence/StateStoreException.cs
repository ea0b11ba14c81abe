namespace ImageUpdater.Persistence;

/// <summary>
/// The store could not do what it was asked, for a reason outside the program: the disk is full, the file went read-only.
/// Nothing of the operation was stored. The store stays usable, and works again once the reason is gone.
/// </summary>
/// <param name="message">For the user: what is wrong, then what to do.</param>
public sealed class StateStoreException(string message, StateStoreProblem kind, Exception? inner) : Exception(message, inner)
{
    public StateStoreProblem Kind { get; } = kind;
}
