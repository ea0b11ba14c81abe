using System.CommandLine;

namespace ImageUpdater.Host.Commands;

/// <summary>The option <c>--watch</c>: goes on and prints what is new, until Ctrl+C.</summary>
internal static class Watching
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public static Option<bool> Option() => new("--watch", "-w") { Description = "Go on and print what is new, until Ctrl+C." };

    /// <summary>Why this output can't be watched; null if it can.</summary>
    public static string? Refuse(Output output) => output is { IsText: true, File: null } ? null : "--watch prints text to standard output; leave out --out, or use --output text or wide";

    /// <returns>The exit code, after Ctrl+C.</returns>
    public static async Task<int> RepeatAsync(TimeProvider time, Func<Task> look, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, time, cancellationToken);
                await look();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CommandLine.Success;
        }
    }
}
