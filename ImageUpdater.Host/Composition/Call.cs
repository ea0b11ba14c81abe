namespace ImageUpdater.Host.Composition;

/// <summary>One call of the program: what every command is given, apart from its own options. Null for what was not given.</summary>
/// <param name="Command">The name of the command.</param>
/// <param name="Environment">The variables: the process's own, or those of a test.</param>
/// <param name="State">The path of the state store.</param>
internal sealed record Call(
    string Command, IReadOnlyDictionary<string, string> Environment, string? State = null, string? Kubeconfig = null, string? Context = null, bool Verbose = false)
{
    /// <summary>The user and the command, for the audit.</summary>
    public string Actor => ActorOf(System.Environment.UserName, System.Environment.MachineName, Command);

    // In a container the number of the user has no name.
    public static string ActorOf(string user, string machine, string command) => $"{(user.Length == 0 ? "" : user + "@")}{machine}, {command}";
}
