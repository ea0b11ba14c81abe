using System.Diagnostics;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>A program that is run to its end.</summary>
internal static class Command
{
    /// <summary>What it printed. It fails the test when the program fails.</summary>
    public static async Task<string> RunAsync(string program, params IReadOnlyList<string> arguments)
    {
        var (code, said) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: exit code {code}\n{said}");
        return said.Trim();
    }

    /// <summary>What it printed; of one that failed, its errors as well.</summary>
    public static async Task<(int Code, string Said)> TryAsync(string program, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }
}
