using System.Runtime.InteropServices;

namespace ImageUpdater.Sandbox.Commands;

/// <summary>Runs a cluster and a registry until SIGINT or SIGTERM.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(int apiPort, int registryPort)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-sandbox-");
        try
        {
            await using SandboxRegistry registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Port = registryPort });
            await using SandboxCluster cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { Port = apiPort });
            string kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
            cluster.WriteKubeconfig(kubeconfig);
            registry.PushImage("demo/web", "latest", "first");

            Console.WriteLine($"export KUBECONFIG={kubeconfig}");
            Console.WriteLine($"# Kubernetes API {cluster.ApiUrl}, registry {registry.Address} (plain HTTP). For example:");
            // kubectl create sends protobuf, which the sandbox does not read; apply sends JSON.
            Console.WriteLine($"#   kubectl create deployment web --image={registry.Reference("demo/web")} --dry-run=client -o json | kubectl apply --validate=false -f -");
            Console.WriteLine($"#   skopeo copy --dest-tls-verify=false oci:IMAGE docker://{registry.Reference("demo/web")}");
            Console.WriteLine("# Press Ctrl+C to stop.");
            await stop.Task;
        }
        catch (IOException problem)
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
}
