using System.Text;
using ImageUpdater.Host.Commands;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>
/// Runs a command in this process, through the program's entry point. A process would take two seconds for JIT compilation each time.
/// Use <see cref="HostProcess"/> for signals, kills, stdin, exact bytes on stdout and proxies.
/// </summary>
internal static class InProcess
{
    private static readonly AsyncLocal<(StringWriter Output, StringWriter Errors)?> Captured = new();

    static InProcess()
    {
        Console.SetOut(new Switch(Console.Out, captured => captured.Output));
        Console.SetError(new Switch(Console.Error, captured => captured.Errors));
    }

    public static Task<HostResult> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string?>(), arguments);

    public static async Task<HostResult> RunAsync(IReadOnlyDictionary<string, string?> environment, string[] arguments)
    {
        (StringWriter Output, StringWriter Errors) captured = (new StringWriter(), new StringWriter());
        Captured.Value = captured;
        try
        {
            var exitCode = await CommandLine.RunAsync(arguments, new Invocation(Complete(environment)));
            return new HostResult(exitCode, captured.Output.ToString(), captured.Errors.ToString());
        }
        finally
        {
            Captured.Value = null;
        }
    }

    private static Dictionary<string, string> Complete(IReadOnlyDictionary<string, string?> environment)
    {
        var all = new Dictionary<string, string>(Invocation.OfThisProcess().Environment, StringComparer.Ordinal);
        foreach (var name in HostProcess.NotInherited.Concat(environment.Keys))
            all.Remove(name);
        foreach (var (name, value) in environment.Where(variable => variable.Value is not null))
            all[name] = value!;
        return all;
    }

    // Tests run in parallel and share the console: output is assigned to the async flow that writes it.
    private sealed class Switch(TextWriter otherwise, Func<(StringWriter Output, StringWriter Errors), StringWriter> choose) : TextWriter
    {
        public override Encoding Encoding => otherwise.Encoding;

        private TextWriter Target => Captured.Value is { } captured ? choose(captured) : otherwise;

        public override void Write(char value)
        {
            lock (Target)
                Target.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            lock (Target)
                Target.Write(buffer, index, count);
        }

        public override void Write(string? value)
        {
            lock (Target)
                Target.Write(value);
        }
    }
}
