namespace ImageUpdater.Kubernetes.Watching;

/// <summary>A line of a watch.</summary>
internal sealed record WatchLine<TObject>(string? Type, TObject? Object)
    where TObject : class, IWatchedObject;

/// <summary>An object of the kind that is watched; or, of a line ERROR, the Status with which the server ends the watch.</summary>
internal interface IWatchedObject
{
    string? Uid { get; }

    string? ResourceVersion { get; }

    /// <summary>Of a Status.</summary>
    int Code { get; }

    string? Message { get; }
}
