namespace ImageUpdater.Sandbox.Commands;

internal static class CommandLine
{
    private const string Usage =
        """
        Runs a small Kubernetes and an image registry on loopback, to try ImageUpdater without a cluster.

        Usage:
          dotnet run --project ImageUpdater.Sandbox -- demo
              Demonstrates a full cycle: adopts workloads, pushes new images, then plans, applies and reports.
              Takes less than a minute. Writes only to a temporary folder.

          dotnet run --project ImageUpdater.Sandbox -- serve [--api-port PORT] [--registry-port PORT]
              Runs both until Ctrl+C, with an enabled workload, and prints the variables to export. Default ports: any free ones.
              Takes the commands below typed, too.

          dotnet run --project ImageUpdater.Sandbox -- push [--broken] | flap | 429 [SECONDS] | slow [SECONDS] | down | up | status | env
              Sent to the sandbox that runs in another terminal. `help` there says what each does.

        Exit codes: 0 done; 1 usage error; demo returns the exit code of the first command that fails.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case [] or ["-h" or "--help" or "help"]:
                Console.WriteLine(Usage);
                return 0;
            case ["demo"]:
                return await Demo.RunAsync(TimeProvider.System);
            case ["serve", .. var rest] when Ports(rest) is { } ports:
                return await Serve.RunAsync(ports.Api, ports.Registry);
            case ["push" or "flap" or "429" or "slow" or "down" or "up" or "status" or "env", ..]:
                return await Serve.SendAsync(string.Join(' ', args));
            default:
                await Console.Error.WriteLineAsync($"invalid arguments: {string.Join(' ', args)}\n\n{Usage}");
                return 1;
        }
    }

    private static (int Api, int Registry)? Ports(string[] args)
    {
        int api = 0, registry = 0;
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || !ushort.TryParse(args[i + 1], out ushort port)) return null;
            if (args[i] == "--api-port") api = port;
            else if (args[i] == "--registry-port") registry = port;
            else return null;
        }

        return (api, registry);
    }
}
