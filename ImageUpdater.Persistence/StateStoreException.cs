namespace ImageUpdater.Persistence;

/// <summary>
/// The store could not do what it was asked, for a reason outside the program: the disk is full, the file went read-only.
/// Nothing of the operation was stored. The store stays usable, and works again once the reason is gone.
/// </summary>
public sealed class StateStoreException(string sentence, StateStoreProblem kind, Exception? inner) : Exception(sentence, inner)
{
    /// <summary>One plain sentence that says what to do.</summary>
    public string Sentence => Message;

    public StateStoreProblem Kind { get; } = kind;
}
