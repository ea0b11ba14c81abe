using System.CommandLine;

namespace ImageUpdater.Host.Commands;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Kubeconfig = new("--kubeconfig")
    {
        Description = "The kubeconfig to use. Default: KUBECONFIG, else the cluster that this runs in, else ~/.kube/config.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string?> Context = new("--context")
    {
        Description = "The context of the kubeconfig. Default: its current-context.",
        HelpName = "NAME",
        Recursive = true,
    };

    public static readonly Option<string?> State = new("--state")
    {
        Description = "The state store, a SQLite file. Default: ImageUpdater__State, else image-updater/state.db in the user's state folder.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Log what is done to stderr, and show where an unexpected failure came from.",
        Recursive = true,
    };

    public static Option<string?> Namespace() => new("--namespace", "-n")
    {
        Description = "Only workloads of this namespace. Default: ImageUpdater__Namespaces, else all.",
        HelpName = "NAME",
    };

    public static IReadOnlyList<string>? Only(string? @namespace) => @namespace is null ? null : [@namespace];
}
