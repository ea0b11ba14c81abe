namespace ImageUpdater.Host.Configuration;

/// <summary>Which namespaces are watched, and how often images are checked.</summary>
internal sealed class CheckingOptions(OptionSource source)
{
    /// <summary>Time between two checks of an image.</summary>
    public TimeSpan CheckInterval { get; } = source.Read(
        "CheckInterval", OptionKinds.Seconds, "300", "Time between two checks of an image.", published: "CHECK_INTERVAL");

    /// <summary>Empty for all namespaces, which are listed in one request.</summary>
    public IReadOnlyList<string> Namespaces { get; } = source.ReadOrNone(
        "Namespaces", OptionKinds.Namespaces, "all", "Namespaces to watch. Each is listed with its own requests, so that a Role in each is enough.") ?? [];
}
