using System.Diagnostics;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Sandbox;

/// <summary><c>serve</c>, and what can be typed there or sent from another terminal.</summary>
public sealed class PlaygroundTests : IDisposable
{
    private readonly TestFolder folder = new();

    private string Socket => Path.Combine(folder.Path, "sandbox.sock");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Serve_CommandsTypedAndSent_LetEachFeatureBeSeen()
    {
        using var serving = Start("serve");
        var printed = "";
        while (!printed.Contains("# Press Ctrl+C", StringComparison.Ordinal))
            printed += await serving.StandardOutput.ReadLineAsync() + "\n";
        var exports = await SendAsync(0, "env");
        Assert.StartsWith(exports.Trim(), printed, StringComparison.Ordinal);
        var environment = exports.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["export ".Length..].Split('=', 2))
            .ToDictionary(parts => parts[0], string? (parts) => parts[1].Trim('\''));
        Assert.Contains("1 adopted", (await InProcess.RunAsync(environment, ["plan"])).Output);

        Assert.StartsWith("build 2 pushed to 127.0.0.1:", await SendAsync(0, "push"), StringComparison.Ordinal);
        var apply = await InProcess.RunAsync(environment, ["apply", "--auto-approve"]);
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Contains("demo/deployment/web: restarted", apply.Output);

        Assert.Contains("its containers crash", await SendAsync(0, "push", "--broken"));
        Assert.Equal(3, (await InProcess.RunAsync(environment, ["apply", "--auto-approve"])).ExitCode);
        Assert.Contains("not ready", await SendAsync(0, "status"));

        Assert.Contains("429 with Retry-After: 5,", await SendAsync(0, "429", "5"));
        Assert.Contains("429", (await InProcess.RunAsync(environment, ["check"])).Output);
        await SendAsync(0, "down");
        Assert.Equal(1, (await InProcess.RunAsync(environment, ["resolve", await ImageAsync()])).ExitCode);
        await SendAsync(0, "up");
        Assert.Equal(0, (await InProcess.RunAsync(environment, ["resolve", await ImageAsync()])).ExitCode);
        Assert.StartsWith("builds 2 and 3 are served in turns", await SendAsync(0, "flap"), StringComparison.Ordinal);

        await serving.StandardInput.WriteLineAsync("status");
        Assert.Contains("/demo/web:latest  sha256:", await serving.StandardOutput.ReadLineAsync());
        await SendAsync(1, "429", "soon");
        using var second = Start("serve");
        Assert.Contains($"another sandbox is running, at {Socket}", await second.StandardError.ReadToEndAsync());
        await Command.RunAsync("kill", "-TERM", $"{serving.Id}");
        await serving.WaitForExitAsync();
        Assert.Equal(0, serving.ExitCode);
        Assert.False(File.Exists(Socket));
        Assert.StartsWith("no sandbox is running", await SendAsync(1, "push"), StringComparison.Ordinal);
    }

    private async Task<string> ImageAsync() => (await SendAsync(0, "status")).Split(' ')[0];

    // Standard output, or the error.
    private async Task<string> SendAsync(int exitCode, params string[] words)
    {
        using var process = Start(words);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == exitCode, $"{string.Join(' ', words)}: exit code {process.ExitCode}: {await output}{await errors}");
        return exitCode == 0 ? await output : await errors;
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ImageUpdater.Sandbox.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["IMAGE_UPDATER_SANDBOX"] = Socket;
        return Process.Start(start)!;
    }
}
