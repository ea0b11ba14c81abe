namespace ImageUpdater.Host.Observing;

/// <summary>Which images the registries are asked for. Of the others the last check counts, as the store has it.</summary>
internal enum Refresh
{
    /// <summary>Those whose time has come, and the other images of a workload of which one changed.</summary>
    Due,

    All,

    None,
}
