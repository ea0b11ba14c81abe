using System.CommandLine;
using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;

namespace ImageUpdater.Host.Commands;

/// <summary>For health checks of container engines: the image has no shell and no curl. Kubernetes asks the endpoints itself.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Command Create()
    {
        var command = new Command(
            "health",
            """
            Asks the controller on this machine whether it is alive, at the port that the configuration names.

            Exit codes: 0 it is alive; 1 it is not.

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
            var address = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", options.Port, "/healthz").Uri;
            using var handler = new SocketsHttpHandler { UseProxy = false };
            using var http = new HttpClient(handler) { Timeout = Patience };
            try
            {
                using var answer = await http.GetAsync(address, cancellationToken);
                if (!answer.IsSuccessStatusCode)
                    return CommandLine.Fail($"{address} answered {(int)answer.StatusCode}");

                Console.Out.WriteLine("alive");
                return CommandLine.Success;
            }
            catch (HttpRequestException exception)
            {
                return CommandLine.Fail($"{address} does not answer: {UntrustedText.Bound(exception.Message)}");
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return CommandLine.Fail($"{address} did not answer within {Patience.TotalSeconds:0} seconds");
            }
        }
    }
}
