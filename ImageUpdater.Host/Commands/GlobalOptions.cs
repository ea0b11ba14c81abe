using System.CommandLine;
using System.CommandLine.Completions;
using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Commands;

/// <summary>Options of every command.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Kubeconfig = new("--kubeconfig")
    {
        Description = "The kubeconfig file. Default: $KUBECONFIG, then the cluster it runs in, then ~/.kube/config.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string?> Context = new("--context")
    {
        Description = "The kubeconfig context. Default: current-context.",
        HelpName = "NAME",
        Recursive = true,
    };

    public static readonly Option<string?> State = new("--state")
    {
        Description = "The state store, a SQLite file. Default: $ImageUpdater__State, then image-updater/state.db in the user's state folder.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Log to stderr, and show the stack trace of an unexpected error.",
        Recursive = true,
    };

    public static Option<string?> Namespace(string description = "Only workloads in this namespace. Default: $ImageUpdater__Namespaces, then all namespaces.") => new("--namespace", "-n")
    {
        Description = description,
        HelpName = "NAME",
        CompletionSources = { context => [new CompletionItem(Placeholder.OfNamespaces(context))] },
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var name] && !OptionKinds.IsNamespace(name.Value))
                    result.AddError($"invalid namespace '{UntrustedText.Bound(name.Value, 80)}'; use the name of one namespace, for example shop");
            },
        },
    };

    /// <summary>Adds <c>-n</c>, and <c>-A</c> as kubectl has it: all namespaces are the default here, so that it only says so.</summary>
    public static void AddNamespace(Command command, Option<string?> @namespace)
    {
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "All configured namespaces. This is the default." };
        command.Add(@namespace);
        command.Add(all);
        command.Validators.Add(result =>
        {
            if (result.GetResult(@namespace) is { Implicit: false } && result.GetResult(all) is { Implicit: false })
                result.AddError("use either --namespace or --all-namespaces");
        });
    }

    public static Option<bool> FullDigests() => new("--full-digests") { Description = "Print digests in full instead of 12 digits." };

    public static IReadOnlyList<string>? Only(string? @namespace) => @namespace is null ? null : [@namespace];
}
