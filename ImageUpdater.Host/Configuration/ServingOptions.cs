using ImageUpdater.Kubernetes.Connection;

namespace ImageUpdater.Host.Configuration;

internal enum LogFormat
{
    Text,
    Json,
}

/// <summary>Web endpoints, Kubernetes Events and logs.</summary>
internal sealed class ServingOptions(OptionSource source)
{
    private const int DefaultPort = 8080;

    public ListenAddress Listen { get; } = source.ReadOrNone(
        "Listen", OptionKinds.Listen, $"in a cluster `:{DefaultPort}`, elsewhere `localhost:{DefaultPort}`",
        "Where the web endpoints (reports, API, metrics and health) listen, without TLS: an IP address, in brackets for IPv6; `localhost`; or nothing before the colon for all addresses, IPv4 and IPv6.")
        ?? (InClusterConnection.IsAnnounced(source.Variable) ? ListenAddress.AllAt(DefaultPort) : ListenAddress.LocalhostAt(DefaultPort));

    /// <summary>Whether to create Kubernetes Events on workloads.</summary>
    public bool Events { get; } = source.Read(
        "Events", OptionKinds.Flag, "true", "Create Kubernetes Events on the workload for restarts, failures, quarantines and holds. Also applies to `apply`.");

    public LogFormat LogFormat { get; } = source.Read(
        "LogFormat", OptionKinds.Choice<LogFormat>(), nameof(LogFormat.Text), "[Format of the log](operations.md#the-log) of `run`: plain text, or one JSON object per line. `--log-format` overrides it.");

    /// <summary>The path of an <see cref="Configuration.AuthFile"/>; null for no authentication.</summary>
    public string? AuthFile { get; } = AuthFileOf(source);

    private static string? AuthFileOf(OptionSource source)
    {
        var path = source.Section("Web").ReadOrNone(
            "AuthFile", OptionKinds.Text("path"), "none",
            "A file with the [users and tokens](security.md#authentication) that may read the reports and the API. Metrics and health are open without.");
        if (path is not null && Configuration.AuthFile.Read(path).Failure is { } problem)
            source.Problem($"ImageUpdater__Web__AuthFile: {problem}");
        return path;
    }
}
