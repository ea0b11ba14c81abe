namespace ImageUpdater.Host.Composition;

/// <summary>Why the store was opened read-only.</summary>
internal sealed class StoreUse
{
    /// <summary>Which process writes to the store, as a message; null if none.</summary>
    public string? Message { get; set; }
}
