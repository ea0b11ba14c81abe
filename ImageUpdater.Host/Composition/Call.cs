using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Composition;

/// <summary>The global options and environment of one invocation. Null for options that are not set.</summary>
/// <param name="Command">The name of the command.</param>
/// <param name="Environment">The environment variables: the process's own, or those of a test.</param>
/// <param name="State">The path of the state store.</param>
/// <param name="LogFormat">Of <c>run</c>.</param>
internal sealed record Call(
    string Command, IReadOnlyDictionary<string, string> Environment, string? State = null, string? Kubeconfig = null, string? Context = null, bool Verbose = false,
    LogFormat? LogFormat = null)
{
    /// <summary>The user, the machine and the command, for audit records.</summary>
    public string Actor => ActorOf(System.Environment.UserName, System.Environment.MachineName, Command);

    // In a container the user id may have no name.
    public static string ActorOf(string user, string machine, string command) => $"{(user.Length == 0 ? "" : user + "@")}{machine}, {command}";
}
