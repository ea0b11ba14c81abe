using System.Diagnostics;

namespace ImageUpdater.Sandbox.Commands;

/// <summary>Runs the real <c>image-updater</c> against the sandbox, with its output on the terminal.</summary>
internal sealed class HostProcess(string kubeconfig, string state, string registry)
{
    /// <summary>Built with this project in the same configuration, so that its path differs in the project's folder only.</summary>
    public static string AssemblyPath { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../ImageUpdater.Host", Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "../../.."), AppContext.BaseDirectory), "ImageUpdater.Host.dll"));

    public async Task<int> RunAsync(params IReadOnlyList<string> arguments)
    {
        // history and report need no cluster.
        string[] cluster = arguments[0] is "plan" or "apply" ? ["--kubeconfig", kubeconfig] : [];
        string[] all = [.. arguments, .. cluster, "--state", state];
        Console.WriteLine($"$ image-updater {string.Join(' ', all)}");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { UseShellExecute = false };
        start.ArgumentList.Add(AssemblyPath);
        foreach (string argument in all) start.ArgumentList.Add(argument);
        start.Environment["ImageUpdater__Registries__0__Host"] = registry;
        start.Environment["ImageUpdater__Registries__0__PlainHttp"] = "true";
        // As the chart does, so that tags other than latest are pulled again.
        start.Environment["AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS"] = "true";
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Console.WriteLine();
        return process.ExitCode;
    }
}
