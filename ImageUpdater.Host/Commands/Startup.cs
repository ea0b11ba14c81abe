using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Kubernetes.Connection;
using ImageUpdater.Persistence;

namespace ImageUpdater.Host.Commands;

/// <summary>The steps with which commands begin; each says in one sentence why it can't go on.</summary>
internal static class Startup
{
    public static Result<ImageUpdaterOptions, string> ReadOptions(ParseResult parsed)
    {
        var commandLine = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (parsed.GetValue(GlobalOptions.State) is { Length: > 0 } state)
            commandLine[$"{ImageUpdaterOptions.Section}:State"] = state;

        return OptionsReader.Read(Invocation.EnvironmentOf(parsed), commandLine);
    }

    /// <summary>The user and the command, for the audit.</summary>
    public static string Actor(ParseResult parsed) => Actor(Environment.UserName, Environment.MachineName, parsed.CommandResult.Command.Name);

    // In a container the number of the user has no name.
    public static string Actor(string user, string machine, string command) => $"{(user.Length == 0 ? "" : user + "@")}{machine}, {command}";

    public static Result<KubernetesConnection, string> Connect(ParseResult parsed) => KubernetesConnection.Load(
        parsed.GetValue(GlobalOptions.Kubeconfig), parsed.GetValue(GlobalOptions.Context), name => Invocation.EnvironmentOf(parsed).GetValueOrDefault(name));

    public static async Task<Result<StateStore, StateStoreRefusal>> OpenStoreAsync(
        ImageUpdaterOptions options, StateStoreAccess access, string command, TimeProvider time, CancellationToken ct)
    {
        // Before a folder or a lock file is made beside it.
        if (Directory.Exists(options.State.Path))
            return new StateStoreRefusal($"{options.State.Path} is a folder: give the path of a file", StateStoreProblem.NotAStore);

        var holder = $"image-updater {command}, process {Environment.ProcessId} on {Environment.MachineName}";
        return await StateStore.OpenAsync(new StateStoreOptions { Path = options.State.Path, Access = access, Holder = holder }, time, ct);
    }

    /// <summary>Commands talk to the user through their output. What happens inside is shown only when it is asked for.</summary>
    public static ILoggerFactory CommandLogging(ParseResult parsed) => LoggerFactory.Create(logging =>
    {
        if (!parsed.GetValue(GlobalOptions.Verbose))
            return;

        logging.SetMinimumLevel(LogLevel.Debug);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.RedactUrls();
    });
}
