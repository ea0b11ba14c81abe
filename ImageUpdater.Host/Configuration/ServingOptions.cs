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

    /// <summary>The path of a file with the token of <see cref="ApiToken"/>; null for the file beside the state store.</summary>
    public string? ApiTokenFile { get; } = ApiTokenFileOf(source.Section("Web"));

    /// <summary>Whether requests that a proxy forwarded may ask the controller to check and plan.</summary>
    public bool ApiThroughProxy { get; } = source.Section("Web").Read(
        "ApiThroughProxy", OptionKinds.Flag, "false",
        "Also answer `POST /api/v1/check` and `/api/v1/plan` through a proxy or an Ingress, recognized by headers such as `X-Forwarded-For`. The token is always required.");

    private static string? ApiTokenFileOf(OptionSource web)
    {
        var path = web.ReadOrNone(
            "ApiTokenFile", OptionKinds.Text("path"), "beside the state store, written at the first start",
            "A file with the [token](security.md#asking-the-controller) that `POST /api/v1/check` and `/api/v1/plan` require, and commands beside a running controller use.");
        if (path is not null && ApiToken.Read(path).Failure is { } problem)
            web.Problem($"ImageUpdater__Web__ApiTokenFile: {problem}");
        return path;
    }

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
