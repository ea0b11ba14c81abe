namespace ImageUpdater.Persistence;

public sealed record StateStoreOptions
{
    /// <summary>The database file. Its folder is made when it can be; the lock file lies beside it, as <c>PATH.lock</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Default: <see cref="StateStoreAccess.ReadWrite"/>.</summary>
    public StateStoreAccess Access { get; init; } = StateStoreAccess.ReadWrite;

    /// <summary>Who opens it, for the process that finds it locked, for example <c>run, pid 123 on host x</c>.</summary>
    public string Holder { get; init; } = "another image-updater";
}

public enum StateStoreAccess
{
    /// <summary>For one process at a time. Makes the file, and brings an older schema up to date.</summary>
    ReadWrite,

    /// <summary>Beside a writer too. Takes no lock, makes no store and migrates none.</summary>
    ReadOnly,
}
