namespace ImageUpdater.Sandbox.Commands;

/// <summary>Demonstrates a full cycle, from adoption to the report, with the real program.</summary>
internal static class Demo
{
    public static async Task<int> RunAsync(TimeProvider time)
    {
        if (!File.Exists(HostProcess.AssemblyPath))
        {
            await Console.Error.WriteLineAsync($"{HostProcess.AssemblyPath} not found; run `dotnet build ImageUpdater.Sandbox` first.");
            return 1;
        }

        long started = time.GetTimestamp();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-demo-");
        string report = Path.Combine(folder.FullName, "report.html");
        string kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        string state = Path.Combine(folder.FullName, "state.db");
        try
        {
            Say("Starting a Kubernetes API and an image registry on loopback, with seven workloads in namespace shop.");
            await using SandboxRegistry registry = await SandboxRegistry.StartAsync();
            await using SandboxCluster cluster = await SandboxCluster.StartAsync();
            await DemoWorkloads.CreateAsync(cluster, registry);
            cluster.WriteKubeconfig(kubeconfig);
            var host = new HostProcess(kubeconfig, state, registry.Address);

            int code = await StepsAsync(host, registry, report);
            if (code != 0) return code;
            Say($"Report: {report}");
            Say($"Done in {time.GetElapsedTime(started).TotalSeconds:0} s, with {cluster.Requests.Count("PATCH")} patches.");
            return 0;
        }
        finally
        {
            // Keeps only the report: the other files refer to servers that have stopped.
            foreach (FileInfo file in folder.EnumerateFiles().Where(file => file.FullName != report)) file.Delete();
            if (!File.Exists(report)) folder.Delete();
        }
    }

    private static async Task<int> StepsAsync(HostProcess host, SandboxRegistry registry, string report)
    {
        (string What, string[] Command)[] steps =
        [
            ("First plan: the current digests are adopted; nothing is restarted.", ["plan"]),
            ("New images are pushed behind the same tags; now there are changes.", ["plan"]),
            ("Applying the plan: one patch per workload; Kubernetes does the rollouts.", ["apply", "--auto-approve", "--wait"]),
            ("Planning again: nothing to do.", ["plan"]),
            ("The audit records: what was decided and done, and why.", ["history"]),
            ("The same as an HTML report.", ["report", "--format", "html", "--out", report]),
        ];
        for (var i = 0; i < steps.Length; i++)
        {
            if (i == 1) DemoWorkloads.Push(registry, "second");
            Say(steps[i].What);
            int code = await host.RunAsync(steps[i].Command);
            if (code == 0) continue;
            await Console.Error.WriteLineAsync($"Demo stopped: `image-updater {steps[i].Command[0]}` failed with exit code {code}.");
            return code;
        }

        return 0;
    }

    private static void Say(string line) => Console.WriteLine($"# {line}");
}
