using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using ImageUpdater.Core;

namespace ImageUpdater.Registry.Credentials;

/// <param name="Output">What it printed; may be a secret.</param>
internal sealed record ProgramResult(int ExitCode, string Output)
{
    // The generated one would print the output.
    public override string ToString() => $"exit code {ExitCode}";
}

/// <summary>
/// A program that prints credentials: it is bounded in time and in what it may say. Neither its output nor its complaints get
/// into a failure, since both may hold the secret.
/// </summary>
/// <param name="Path">Of the file: nothing is searched for.</param>
internal sealed record ExternalProgram(string Path, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Environment)
{
    private const int MaxOutput = 1024 * 1024;

    /// <summary>For the whole run. The kubelet waits a minute; a cycle should not.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);

    public TimeSpan Patience { get; init; } = DefaultPatience;

    /// <summary>Its output, or the rest of a message that begins with its name.</summary>
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

        using var patience = new CancellationTokenSource(Patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var output = ReadAsync(process.StandardOutput, linked.Token);
            var work = Task.WhenAll(WriteAsync(process, input, linked.Token), DrainAsync(process.StandardError, linked.Token), output);

            // A child of it may hold the pipes open: the waiting ends all the same.
            var text = await WithinAsync(output, work, linked.Token);
            if (text is null)
                return $"printed more than {MaxOutput / 1024 / 1024} MiB";
            await process.WaitForExitAsync(linked.Token);
            return new ProgramResult(process.ExitCode, text);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"timed out after {Patience.TotalSeconds:0.###} s";
        }
        finally
        {
            Kill(process);
        }
    }

    // The records's own would print the environment.
    public override string ToString() => Path;

    // Too much output is known before the program ends, if it ever does.
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
            // It ended without reading: what it says counts.
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

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // The process has already ended.
        }
    }
}
