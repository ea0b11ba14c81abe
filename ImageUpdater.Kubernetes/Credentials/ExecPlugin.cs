using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Http;
using ImageUpdater.Kubernetes.Kubeconfig;
using k8s.KubeConfigModels;

namespace ImageUpdater.Kubernetes.Credentials;

/// <summary>
/// Runs an exec credential plugin (aws eks get-token, gke-gcloud-auth-plugin, kubelogin), which prints an ExecCredential of
/// <c>client.authentication.k8s.io</c> v1 or v1beta1.
/// </summary>
internal sealed class ExecPlugin(ExecSettings settings, string user, ClusterEntry cluster, TimeProvider time)
{
    private const int MaxOutput = 1024 * 1024;
    private const int MaxComplaint = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PatienceWithPerson = TimeSpan.FromMinutes(5);

    /// <summary>Validates the settings without running the plugin. Null if they are valid.</summary>
    public static string? Refusal(ExecSettings settings, string user)
    {
        if (settings.ApiVersion is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
            return $"the exec plugin of user '{user}' uses apiVersion '{UntrustedText.Bound(settings.ApiVersion)}'; supported are client.authentication.k8s.io/v1 and v1beta1";
        if (settings.InteractiveMode is not (null or "Never" or "IfAvailable" or "Always"))
            return $"the exec plugin of user '{user}' has an invalid interactiveMode; use Never, IfAvailable or Always";
        return settings.InteractiveMode == "Always" && Console.IsInputRedirected
            ? $"the exec plugin of user '{user}' needs a terminal (interactiveMode: Always), but there is none"
            : null;
    }

    public async Task<Result<ExecCredentialResponse.ExecStatus, string>> RunAsync(CancellationToken cancellationToken)
    {
        var interactive = settings.InteractiveMode != "Never" && !Console.IsInputRedirected;
        using var process = new Process { StartInfo = StartInfo(interactive) };
        try
        {
            process.Start();
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
        {
            var hint = settings.InstallHint is null ? "" : ". " + UntrustedText.Bound(settings.InstallHint);
            return $"{Name} could not be started: {UntrustedText.Bound(exception.Message)}{hint}";
        }

        if (!interactive)
            process.StandardInput.Close();

        var ended = false;
        using var patience = new CancellationTokenSource(interactive ? PatienceWithPerson : Patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var output = ReadAsync(process.StandardOutput, MaxOutput, echo: null, linked.Token);
            var complaint = ReadAsync(process.StandardError, MaxComplaint, interactive ? Console.Error : null, linked.Token);
            // A child process can keep the pipes open after the plugin ends; the time limit still applies.
            await Task.WhenAll(output, complaint, process.WaitForExitAsync(linked.Token)).WaitAsync(linked.Token);
            ended = true;
            return process.ExitCode == 0
                ? Read(await output)
                : $"{Name} exited with code {process.ExitCode}: {UntrustedText.Bound((await complaint).Trim())}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{Name} timed out";
        }
        finally
        {
            if (!ended)
                HelperProcess.KillAll(process);
        }
    }

    private string Name => $"the exec plugin '{UntrustedText.Bound(settings.Command)}' of user '{user}'";

    private ProcessStartInfo StartInfo(bool interactive)
    {
        var start = new ProcessStartInfo(settings.Command)
        {
            UseShellExecute = false,
            RedirectStandardInput = !interactive,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var argument in settings.Arguments)
            start.ArgumentList.Add(argument);
        HelperProcess.Prepare(start.Environment);
        foreach (var (name, value) in settings.Environment)
            start.Environment[name] = value;

        start.Environment["KUBERNETES_EXEC_INFO"] = ExecInfo.Json(settings, cluster, interactive);
        return start;
    }

    // Reads on beyond the limit: the plugin would block if its output was not read.
    private static async Task<string> ReadAsync(StreamReader reader, int bound, TextWriter? echo, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (echo is not null)
                await echo.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            text.Append(buffer, 0, Math.Min(count, bound - text.Length));
        }

        return text.ToString();
    }

    private Result<ExecCredentialResponse.ExecStatus, string> Read(string output)
    {
        ExecCredentialResponse? answer;
        try
        {
            answer = JsonSerializer.Deserialize(output, ExecJson.Default.ExecCredentialResponse);
        }
        catch (JsonException)
        {
            // The exception's message is left out: it could quote the token.
            return $"{Name} did not print an ExecCredential";
        }

        if (answer is not { Kind: "ExecCredential", Status: { } status })
            return $"{Name} did not print an ExecCredential with a status";
        if (answer.ApiVersion != settings.ApiVersion)
            return $"{Name} returned apiVersion '{UntrustedText.Bound(answer.ApiVersion)}', but the kubeconfig sets '{settings.ApiVersion}'";
        if (string.IsNullOrEmpty(status.Token) && string.IsNullOrEmpty(status.ClientCertificateData))
            return $"{Name} returned neither a token nor a client certificate";
        return status;
    }
}
