using System.Runtime.InteropServices;

namespace ImageUpdater.Sandbox.Commands;

/// <summary>Runs a cluster with an enabled workload and a registry, to play with, until SIGINT or SIGTERM.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(int apiPort, int registryPort)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-sandbox-");
        using var ending = new CancellationTokenSource();
        try
        {
            await using SandboxRegistry registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Port = registryPort });
            await using SandboxCluster cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { Port = apiPort });
            string kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
            cluster.WriteKubeconfig(kubeconfig);
            using var playground = new Playground(cluster, registry, kubeconfig, Path.Combine(folder.FullName, "state.db"), TimeProvider.System);
            await playground.CreateWorkloadAsync();
            using ControlSocket? control = ControlSocket.Listen(ControlSocket.DefaultPath, playground.Run, ending.Token);
            if (control is null)
            {
                await Console.Error.WriteLineAsync($"another sandbox is running, at {ControlSocket.DefaultPath}; stop it, or set IMAGE_UPDATER_SANDBOX to another path");
                return 1;
            }

            Console.WriteLine(playground.Exports);
            Console.WriteLine($"# Kubernetes API {cluster.ApiUrl}, registry {registry.Address} (plain HTTP), and the enabled workload demo/deployment/web.");
            Console.WriteLine("# Export the lines above in another terminal, and run image-updater there. Type here, or send with the program's name in front:");
            Console.WriteLine(string.Join('\n', Playground.Help.Split('\n').Select(line => $"#   {line}")));
            // kubectl create sends protobuf, which the sandbox does not read; apply sends JSON.
            Console.WriteLine($"# Other workloads: kubectl create deployment NAME --image={registry.Reference("demo/web")} --dry-run=client -o json | kubectl apply --validate=false -f -");
            Console.WriteLine("# Press Ctrl+C to stop.");
            _ = Task.Run(() => Read(playground));
            await stop.Task;
            await ending.CancelAsync();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            await Console.Error.WriteLineAsync($"cannot start the sandbox: {problem.Message}");
            return 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }
    }

    /// <summary>Sends a line to the sandbox that runs in another terminal.</summary>
    public static async Task<int> SendAsync(string line)
    {
        if (await ControlSocket.SendAsync(ControlSocket.DefaultPath, line, CancellationToken.None) is not { } answer)
        {
            await Console.Error.WriteLineAsync($"no sandbox is running, at {ControlSocket.DefaultPath}; start it with: dotnet run --project ImageUpdater.Sandbox -- serve");
            return 1;
        }

        bool isKnown = !answer.StartsWith(Playground.Unknown, StringComparison.Ordinal);
        await (isKnown ? Console.Out : Console.Error).WriteAsync(answer);
        return isKnown ? 0 : 1;
    }

    // Until the end of standard input, which in the background is at once.
    private static void Read(Playground playground)
    {
        while (Console.ReadLine() is { } line)
        {
            if (playground.Run(line) is { Length: > 0 } answer) Console.WriteLine(answer);
        }
    }
}
