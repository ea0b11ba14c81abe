using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>Asks before something is changed, as Terraform does.</summary>
internal static class Confirmation
{
    public static async Task<bool> AskAsync(IAnsiConsole console, string question, CancellationToken cancellationToken)
    {
        console.MarkupLine($"[bold]{Terminal.Text(question)}[/] Only 'yes' will be accepted: ");
        // Console.ReadLine takes no cancellation token; Ctrl+C has to end the wait.
        var answer = await Task.Run(Console.In.ReadLine, cancellationToken).WaitAsync(cancellationToken);
        return answer?.Trim() == "yes";
    }
}
