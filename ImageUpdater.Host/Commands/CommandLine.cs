using System.CommandLine;
using System.CommandLine.Help;
using ImageUpdater.Core;
using ImageUpdater.Host.Composition;
using ImageUpdater.Persistence;
using Microsoft.Extensions.Options;

namespace ImageUpdater.Host.Commands;

/// <summary>The commands, and their error handling: an error is one message on stderr and exit code 1.</summary>
internal static class CommandLine
{
    public const int Success = 0;
    public const int Error = 1;
    public const int SomethingToDo = 2;
    public const int RolloutFailed = 3;
    public const int Stale = 4;

    // Long enough to list the problems of a whole configuration.
    private const int MaxMessage = 4000;

    // An argument that starts with @ is part of an image reference, not a response file.
    private static ParserConfiguration Parsing => new() { ResponseFileTokenReplacer = null };

    public static ParseResult Parse(IReadOnlyList<string> args) => Root().Parse(args, Parsing);

    /// <summary>As a shell has it: one line, which may be incomplete.</summary>
    public static ParseResult Parse(string line) => Root().Parse(line, Parsing);

    private static Command Root() =>
        // Not a RootCommand, which takes the name of the assembly.
        new(
            "image-updater",
            """
            Restarts annotated Kubernetes workloads when the registry serves a new digest behind the tag they use.

            Example:
              image-updater plan --namespace default
            """)
        {
            new HelpOption { Action = new HelpText(new HelpAction()) }, new VersionOption(),
            GlobalOptions.Kubeconfig, GlobalOptions.Context, GlobalOptions.State, GlobalOptions.Verbose,
            RunCommand.Create(), PlanCommand.Create(), ApplyCommand.Create(), ExplainCommand.Create(), ReportCommand.Create(), HistoryCommand.Create(),
            StateCommand.Create(), ResolveCommand.Create(), HealthCommand.Create(), RetryCommand.Create(), ApproveCommand.Create(),
            CompletionCommand.Create(), CompleteCommand.Create(), CheckCommand.Create(), DoctorCommand.Create(),
        };

    public static async Task<int> RunAsync(string[] args, Invocation invocation)
    {
        var parsed = Parse(args);
        if (UsageError.Message(parsed, args) is { } usageError)
            return Fail(usageError);

        try
        {
            return await parsed.InvokeAsync(invocation);
        }
        catch (OptionsValidationException exception)
        {
            return Fail(exception, $"invalid configuration: {string.Join("; ", exception.Failures)}", parsed);
        }
        catch (Exception exception) when (exception is CannotStartException or StateStoreException)
        {
            return Fail(exception, exception.Message, parsed);
        }
        catch (Exception exception)
        {
            // A bug: one message, with the stack trace only under --verbose.
            return Fail(exception, $"unexpected error ({exception.GetType().Name}): {UntrustedText.Bound(exception.Message)}; use --verbose for the stack trace", parsed);
        }
    }

    /// <summary>Writes the message to stderr as one line, with quoted outside text bounded.</summary>
    public static int Fail(string message)
    {
        Warn(message);
        return Error;
    }

    public static void Warn(string message) => Console.Error.WriteLine($"image-updater: {UntrustedText.Bound(message, MaxMessage)}");

    private static int Fail(Exception exception, string message, ParseResult parsed)
    {
        Warn(message);
        if (parsed.GetValue(GlobalOptions.Verbose))
            Console.Error.WriteLine(UntrustedText.WithoutUserInfo(exception.ToString()));
        return Error;
    }
}
