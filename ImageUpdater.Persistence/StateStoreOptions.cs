namespace ImageUpdater.Persistence;

public sealed record StateStoreOptions
{
    /// <summary>Path of the database file. Its folder is created if missing. The lock file is <c>PATH.lock</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Default: <see cref="StateStoreAccess.ReadWrite"/>.</summary>
    public StateStoreAccess Access { get; init; } = StateStoreAccess.ReadWrite;

    /// <summary>Name of this process in the error message of a process that finds the store locked, for example <c>run, pid 123 on host x</c>.</summary>
    public string Holder { get; init; } = "another image-updater";
}

public enum StateStoreAccess
{
    /// <summary>One process at a time. Creates the file, and migrates an older schema.</summary>
    ReadWrite,

    /// <summary>Possible while another process writes. Takes no lock, creates no file and does not migrate.</summary>
    ReadOnly,
}
