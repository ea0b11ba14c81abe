namespace ImageUpdater.Host.Configuration;

internal enum LogFormat
{
    Text,
    Json,
}

/// <summary>How <c>run</c> tells of what it does.</summary>
internal sealed class ServingOptions(OptionSource source)
{
    public int Port { get; } = source.Read("Port", OptionKinds.Whole(min: 1, max: 65535), "8080", "Of the web endpoints: reports, API, metrics and health.");

    /// <summary>Kubernetes Events on the workload.</summary>
    public bool Events { get; } = source.Read(
        "Events", OptionKinds.Flag, "true", "Tell of restarts, failures, quarantines and holds by Kubernetes Events on the workload. `apply` does so too.");

    public LogFormat Logs { get; } = source.Read(
        "Logs", OptionKinds.Choice<LogFormat>(), nameof(LogFormat.Text), "What `run` logs: lines for people, or one JSON object a line.");
}
