namespace ImageUpdater.Sandbox.Commands;

/// <summary>The whole loop, from the first sight of workloads to the report, with the real program.</summary>
internal static class Demo
{
    public static async Task<int> RunAsync(TimeProvider time)
    {
        if (!File.Exists(HostProcess.AssemblyPath))
        {
            await Console.Error.WriteLineAsync($"The demo needs {HostProcess.AssemblyPath}: build it with `dotnet build ImageUpdater.Sandbox`.");
            return 1;
        }

        long started = time.GetTimestamp();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-demo-");
        string report = Path.Combine(folder.FullName, "report.html");
        string kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        string state = Path.Combine(folder.FullName, "state.db");
        try
        {
            Say("A Kubernetes API and an image registry start on loopback; seven workloads are created in namespace shop.");
            await using SandboxRegistry registry = await SandboxRegistry.StartAsync();
            await using SandboxCluster cluster = await SandboxCluster.StartAsync();
            await DemoWorkloads.CreateAsync(cluster, registry);
            cluster.WriteKubeconfig(kubeconfig);
            var host = new HostProcess(kubeconfig, state, registry.Address);

            int code = await StepsAsync(host, registry, report);
            if (code != 0) return code;
            Say($"The report: {report}");
            Say($"Done in {time.GetElapsedTime(started).TotalSeconds:0} s, with {cluster.Requests.Count("PATCH")} patches in all.");
            return 0;
        }
        finally
        {
            // The report is the reader's; the rest leads to servers that are gone.
            foreach (FileInfo file in folder.EnumerateFiles().Where(file => file.FullName != report)) file.Delete();
            if (!File.Exists(report)) folder.Delete();
        }
    }

    private static async Task<int> StepsAsync(HostProcess host, SandboxRegistry registry, string report)
    {
        (string What, string[] Command)[] steps =
        [
            ("First sight: what runs now is adopted, nothing restarts.", ["plan"]),
            ("New images are pushed behind the same tags; now there is something to do.", ["plan"]),
            ("The plan is applied: one patch for each workload, and Kubernetes rolls out.", ["apply", "--auto-approve", "--wait"]),
            ("Nothing is left to do.", ["plan"]),
            ("What was done, or not done, and why.", ["history"]),
            ("The same as a report for the browser.", ["report", "--format", "html", "--out", report]),
        ];
        for (var i = 0; i < steps.Length; i++)
        {
            if (i == 1) DemoWorkloads.Push(registry, "second");
            Say(steps[i].What);
            int code = await host.RunAsync(steps[i].Command);
            if (code == 0) continue;
            await Console.Error.WriteLineAsync($"The demo ends here: `image-updater {steps[i].Command[0]}` ended with exit code {code}.");
            return code;
        }

        return 0;
    }

    private static void Say(string line) => Console.WriteLine($"# {line}");
}
