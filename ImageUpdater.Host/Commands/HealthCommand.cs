using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Commands;

/// <summary>A health check for container engines: the image has no shell and no curl. In Kubernetes, the kubelet probes the endpoints.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Command Create()
    {
        var command = new Command(
            "health",
            """
            Checks that the controller on this machine is alive, at the configured address.

            Exit codes: 0 alive; 1 not alive.

            Example:
              image-updater health
            """);

        command.SetAction((parsed, cancellationToken) => CommandHost.RunAsync<Question>(parsed, _ => { }, (question, cancellationToken) => question.AskAsync(cancellationToken), cancellationToken));
        return command;
    }

    private sealed class Question(ServingOptions options)
    {
        public async Task<int> AskAsync(CancellationToken cancellationToken)
        {
            var address = new Uri(options.Listen.Url, "/healthz");
            using var handler = new SocketsHttpHandler { UseProxy = false };
            using var http = new HttpClient(handler) { Timeout = Patience };
            try
            {
                using var answer = await http.GetAsync(address, cancellationToken);
                if (!answer.IsSuccessStatusCode)
                    return CommandLine.Fail($"{address} returned {(int)answer.StatusCode}");

                Console.Out.WriteLine("alive");
                return CommandLine.Success;
            }
            catch (HttpRequestException exception)
            {
                return CommandLine.Fail($"{address} is unreachable: {UntrustedText.Bound(exception.Message)}");
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return CommandLine.Fail($"{address} timed out after {Patience.TotalSeconds:0} s");
            }
        }
    }
}
