namespace ImageUpdater.Host.Configuration;

internal enum LogFormat
{
    Text,
    Json,
}

/// <summary>Web endpoints, Kubernetes Events and logs.</summary>
internal sealed class ServingOptions(OptionSource source)
{
    public int Port { get; } = source.Read("Port", OptionKinds.Whole(min: 1, max: 65535), "8080", "Port of the web endpoints: reports, API, metrics and health.");

    /// <summary>Whether to create Kubernetes Events on workloads.</summary>
    public bool Events { get; } = source.Read(
        "Events", OptionKinds.Flag, "true", "Create Kubernetes Events on the workload for restarts, failures, quarantines and holds. Also applies to `apply`.");

    public LogFormat Logs { get; } = source.Read(
        "Logs", OptionKinds.Choice<LogFormat>(), nameof(LogFormat.Text), "Log format of `run`: plain text, or one JSON object per line.");
}
