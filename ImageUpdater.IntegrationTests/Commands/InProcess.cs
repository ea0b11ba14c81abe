using System.Text;
using ImageUpdater.Host.Commands;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Commands;

/// <summary>
/// A command in this process, by the same entry as a user's, for long tables: starting a process takes a second, reading a command line
/// none. What depends on the environment wants a <see cref="HostProcess"/>.
/// </summary>
internal static class InProcess
{
    private static readonly AsyncLocal<(StringWriter Output, StringWriter Errors)?> Captured = new();

    static InProcess()
    {
        Console.SetOut(new Switch(Console.Out, captured => captured.Output));
        Console.SetError(new Switch(Console.Error, captured => captured.Errors));
    }

    public static async Task<HostResult> RunAsync(params string[] arguments)
    {
        (StringWriter Output, StringWriter Errors) captured = (new StringWriter(), new StringWriter());
        Captured.Value = captured;
        try
        {
            var exitCode = await CommandLine.RunAsync(arguments);
            return new HostResult(exitCode, captured.Output.ToString(), captured.Errors.ToString());
        }
        finally
        {
            Captured.Value = null;
        }
    }

    // Tests run beside each other, and the console is one: what is written goes by the flow that writes it.
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
