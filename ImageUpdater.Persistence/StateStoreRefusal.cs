namespace ImageUpdater.Persistence;

/// <summary>Why a store was not opened. The file at its path is unchanged.</summary>
/// <param name="Message">One message that says what to do.</param>
public sealed record StateStoreRefusal(string Message, StateStoreProblem Kind);

public enum StateStoreProblem
{
    /// <summary>Opened for reading where no store is yet.</summary>
    NoState,

    /// <summary>Opened for reading where a writer has to bring the schema up to date first.</summary>
    OlderSchema,

    /// <summary>Written before the first release, by a schema that is not brought up to date.</summary>
    UnreleasedSchema,

    /// <summary>Written by a newer version.</summary>
    NewerSchema,

    /// <summary>Something else than a state store lies at the path.</summary>
    NotAStore,

    Damaged,

    /// <summary>Its folder does not exist and could not be made.</summary>
    NoFolder,

    NoPermission,

    /// <summary>The file or its volume takes no writes.</summary>
    ReadOnly,

    DiskFull,

    /// <summary>Another process writes to it.</summary>
    InUse,

    /// <summary>Reading or writing failed below the file system, or the file went away.</summary>
    InputOutput,
}
