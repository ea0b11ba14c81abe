using System.Collections;
using System.CommandLine;

namespace ImageUpdater.Host.Commands;

/// <summary>One invocation of the program with its environment variables: the process's own, or those of a test.</summary>
internal sealed class Invocation : InvocationConfiguration
{
    public Invocation(IReadOnlyDictionary<string, string> environment)
    {
        Environment = environment;
        EnableDefaultExceptionHandler = false;
        ProcessTerminationTimeout = null;
    }

    public IReadOnlyDictionary<string, string> Environment { get; }

    public static Invocation OfThisProcess() => new(
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, StringComparer.Ordinal));

    public static IReadOnlyDictionary<string, string> EnvironmentOf(ParseResult parsed) => ((Invocation)parsed.InvocationConfiguration).Environment;
}
