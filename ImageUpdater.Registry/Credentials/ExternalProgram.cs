using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Registry.Credentials;

/// <param name="Output">The program's stdout; may contain a secret.</param>
internal sealed record ProgramResult(int ExitCode, string Output)
{
    // The generated ToString would include the output.
    public override string ToString() => $"exit code {ExitCode}";
}

/// <summary>
/// Runs a program that prints credentials, with limits on its time and output. Failures quote neither stdout nor stderr, since both may
/// contain the secret.
/// </summary>
/// <param name="Path">Path of the file; PATH is not searched.</param>
internal sealed record ExternalProgram(string Path, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Environment)
{
    private const int MaxOutput = 1024 * 1024;

    /// <summary>Time limit of one run. The kubelet allows one minute, which would delay a cycle too long.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);

    public TimeSpan Patience { get; init; } = DefaultPatience;

    /// <summary>The exit code and output, or the rest of a message that starts with the program's name.</summary>
    public async Task<Result<ProgramResult, string>> RunAsync(string input, TimeProvider time, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
        {
            return $"could not be started: {UntrustedText.Bound(exception.Message)}";
        }

        var ended = false;
        using var patience = new CancellationTokenSource(Patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var output = ReadAsync(process.StandardOutput, linked.Token);
            var work = Task.WhenAll(WriteAsync(process, input, linked.Token), DrainAsync(process.StandardError, linked.Token), output);

            // A child process can keep the pipes open after the program ends; the time limit still applies.
            var text = await WithinAsync(output, work, linked.Token);
            if (text is null)
                return $"printed more than {MaxOutput / 1024 / 1024} MiB";
            await process.WaitForExitAsync(linked.Token);
            ended = true;
            return new ProgramResult(process.ExitCode, text);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"timed out after {Patience.TotalSeconds:0.###} s";
        }
        finally
        {
            // What a program leaves running on purpose, as gpg-agent, is left alone.
            if (!ended)
                HelperProcess.KillAll(process);
        }
    }

    // The generated ToString would include the environment, which may contain secrets.
    public override string ToString() => Path;

    // Too much output must be a failure at once: the program might never end.
    private static async Task<string?> WithinAsync(Task<string?> output, Task work, CancellationToken cancellationToken)
    {
        if (await output.WaitAsync(cancellationToken) is not { } text)
            return null;
        await work.WaitAsync(cancellationToken);
        return text;
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(Path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var argument in Arguments)
            start.ArgumentList.Add(argument);
        HelperProcess.Prepare(start.Environment);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return start;
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program did not read its input; its exit code and output decide.
        }
    }

    private static async Task<string?> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (text.Length + count > MaxOutput)
                return null;
            text.Append(buffer, 0, count);
        }

        return text.ToString();
    }

    private static async Task DrainAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken) > 0)
        {
            // A program blocks when its output is not read.
        }
    }
}
