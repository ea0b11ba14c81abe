namespace ImageUpdater.Kubernetes.Watching;

/// <summary>A watch event.</summary>
internal sealed record WatchLine<TObject>(string? Type, TObject? Object)
    where TObject : class, IWatchedObject;

/// <summary>The object of a watch event: an object of the watched kind or, if the type is ERROR, a Status.</summary>
internal interface IWatchedObject
{
    string? Uid { get; }

    string? ResourceVersion { get; }

    /// <summary>The Status's HTTP status code; 0 for other objects.</summary>
    int Code { get; }

    string? Message { get; }
}
