namespace ImageUpdater.Host.Configuration;

/// <summary>What is looked at, and how often.</summary>
internal sealed class CheckingOptions(OptionSource source)
{
    /// <summary>Between two checks of an image.</summary>
    public TimeSpan CheckInterval { get; } = source.Read(
        "CheckInterval", OptionKinds.Seconds, "300", "Between two checks of an image.", published: "CHECK_INTERVAL");

    /// <summary>Empty for all, which are listed at once.</summary>
    public IReadOnlyList<string> Namespaces { get; } = source.ReadOrNone(
        "Namespaces", OptionKinds.Namespaces, "all", "Only these are looked at, each with a request of its own, so that permissions in them are enough.") ?? [];
}
