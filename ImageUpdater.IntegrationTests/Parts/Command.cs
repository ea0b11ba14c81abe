using System.Diagnostics;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    /// <summary>Returns stdout. Fails the test if the program fails.</summary>
    public static async Task<string> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        var (code, said) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: exit code {code}\n{said}");
        return said.Trim();
    }

    /// <summary>Returns stdout, and stderr too if the program fails.</summary>
    public static async Task<(int Code, string Said)> TryAsync(string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
