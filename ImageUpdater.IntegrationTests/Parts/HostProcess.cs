using System.Diagnostics;
using System.Text;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Exit code and output of a command that ended.</summary>
public sealed record HostResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Errors}";
}

/// <summary>Runs ImageUpdater.Host as a process, with arguments and environment variables.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    /// <summary>Path of a published program to test instead of the local build, for example that of the container image, which is trimmed.</summary>
    public static readonly string? Published = Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_HOST") is { Length: > 0 } path ? path : null;

    /// <summary>Variables of the machine that would affect the tests.</summary>
    public static readonly IReadOnlyList<string> NotInherited = ["KUBECONFIG", "CHECK_INTERVAL", "AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS", "DOCKER_CONFIG"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();

    private HostProcess(Process process) => this.process = process;

    public string Output => Snapshot(output);

    public string Errors => Snapshot(errors);

    public int Id => process.Id;

    public static HostProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, string? input = null)
    {
        var start = new ProcessStartInfo(Published ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (Published is null)
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ImageUpdater.Host.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in NotInherited)
            start.Environment.Remove(name);
        // The process runs for seconds, too short for tiered compilation to pay off; it takes a sixth of the time of these tests.
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var host = new HostProcess(new Process { StartInfo = start });
        host.process.OutputDataReceived += (_, line) => Append(host.output, line.Data);
        host.process.ErrorDataReceived += (_, line) => Append(host.errors, line.Data);
        host.process.Start();
        host.process.BeginOutputReadLine();
        host.process.BeginErrorReadLine();
        if (input is not null)
            host.process.StandardInput.Write(input);
        host.process.StandardInput.Close();
        return host;
    }

    public static async Task<HostResult> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, string? input = null)
    {
        await using var host = Start(arguments, environment, input);
        return await host.EndAsync();
    }

    public async Task<HostResult> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException exception)
        {
            Kill();
            throw new TimeoutException($"the host did not end within {Patience}:\n{Output}\n{Errors}", exception);
        }

        return new HostResult(process.ExitCode, Output, Errors);
    }

    /// <summary>SIGTERM, as the kubelet stops a container.</summary>
    public async Task<HostResult> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString()]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    /// <summary>SIGKILL, without any cleanup.</summary>
    public void Kill()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static void Append(StringBuilder builder, string? line)
    {
        if (line is null)
            return;
        lock (builder)
            builder.AppendLine(line);
    }

    private static string Snapshot(StringBuilder builder)
    {
        lock (builder)
            return builder.ToString();
    }
}
