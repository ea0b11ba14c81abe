namespace ImageUpdater.Persistence;

/// <summary>Why a store was not opened. The file at its path is unchanged.</summary>
/// <param name="Message">For the user: what is wrong, then what to do.</param>
public sealed record StateStoreRefusal(string Message, StateStoreProblem Kind)
{
    internal static StateStoreRefusal OfLink(string path) =>
        new($"{path} is a symbolic link, and state is not written through links; set State to the path of the file itself, or remove the link", StateStoreProblem.IsLink);
}

public enum StateStoreProblem
{
    /// <summary>Opened read-only, but there is no store yet.</summary>
    NoState,

    /// <summary>Opened read-only, but the schema must be migrated first.</summary>
    OlderSchema,

    /// <summary>Written by a version before the first release, which can't be migrated.</summary>
    UnreleasedSchema,

    /// <summary>Written by a newer version.</summary>
    NewerSchema,

    /// <summary>The path is something other than a state store.</summary>
    NotAStore,

    Damaged,

    /// <summary>The folder does not exist and could not be created.</summary>
    NoFolder,

    NoPermission,

    /// <summary>The file or its volume is read-only.</summary>
    ReadOnly,

    DiskFull,

    /// <summary>Another process has the store open for writing.</summary>
    InUse,

    /// <summary>An input/output error, or the file was moved or deleted.</summary>
    InputOutput,

    /// <summary>The file is intact, and a row has a value that this version can't read.</summary>
    UnreadableValue,

    /// <summary>The same, and it is known which record it is. The others can be read.</summary>
    UnreadableRecord,

    /// <summary>The path, or that of a file beside it, is a symbolic link.</summary>
    IsLink,
}
