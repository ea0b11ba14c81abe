namespace ImageUpdater.Host.Observing;

/// <summary>Which images are checked at the registries. For the others the last check in the store counts.</summary>
internal enum Refresh
{
    /// <summary>Images that are due, and the other images of a workload with a changed image.</summary>
    Due,

    All,

    None,

    /// <summary>Those that somebody asked for (<see cref="CheckSelection"/>), and the other images of a workload with a changed image.</summary>
    Asked,
}
