using System.Diagnostics;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>The <c>docker</c> command, where an engine answers it; podman's works too.</summary>
internal static class DockerEngine
{
    /// <summary>Skips the running test, with the reason, where there is none.</summary>
    public static async Task RequireAsync()
    {
        if (Requirement.Find("docker") is null)
            Requirement.Skip("docker", "docker is not installed");
        var (code, said) = await TryAsync("docker", "info", "--format", "{{.ServerVersion}}");
        if (code != 0)
            Requirement.Skip("docker", $"no container engine answers: {said.Trim()}");
    }

    /// <summary>What the command printed. It fails the test when the command fails.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, said) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: exit code {code}\n{said}");
        return said.Trim();
    }

    public static async Task<(int Code, string Said)> TryAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
