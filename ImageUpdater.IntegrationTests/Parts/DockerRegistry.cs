using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ImageUpdater.IntegrationTests.Parts;

/// <param name="WithPassword">Every request requires <see cref="DockerRegistry.Username"/> and <see cref="DockerRegistry.Password"/>.</param>
/// <param name="Certificate">A PEM file; with <paramref name="Key"/> the registry uses HTTPS.</param>
/// <param name="ClientAuthority">A PEM file: clients must have a certificate signed by it.</param>
/// <param name="Tokens">Issues the tokens that every request requires, for the same account.</param>
internal sealed record DockerRegistrySettings(bool WithPassword = false, string? Certificate = null, string? Key = null, string? ClientAuthority = null, TokenServer? Tokens = null);

/// <summary>Debian's <c>docker-registry</c> on a free loopback port with an empty store, and <c>skopeo</c> to push to it.</summary>
internal sealed class DockerRegistry : IAsyncDisposable
{
    public const string Username = "tester";
    public const string Password = "correct-horse";

    private const string Part = "registry";

    // The registry accepts bcrypt only; the lowest cost keeps the tests fast.
    private const string Htpasswd = Username + ":$2b$04$NvazJe/oRIcDOkC1LxjyI.53Us5g98LKYJqBlP.nNtZUTicmw9vNm\n";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(15);

    private readonly string folder;
    private readonly Process process;
    private readonly bool withPassword;

    private DockerRegistry(string folder, Process process, string host, DockerRegistrySettings settings)
    {
        this.folder = folder;
        this.process = process;
        Host = host;
        Address = new Uri($"{(settings.Certificate is null ? "http" : "https")}://{host}/");
        withPassword = settings.WithPassword || settings.Tokens is not null;
    }

    /// <summary>The registry's name in image references: <c>127.0.0.1:40123</c>.</summary>
    public string Host { get; }

    public Uri Address { get; }

    /// <summary>Skips the test if the programs are missing.</summary>
    public static async Task<DockerRegistry> StartAsync(DockerRegistrySettings? settings = null)
    {
        settings ??= new DockerRegistrySettings();
        foreach (var program in (string[])["docker-registry", "skopeo"])
        {
            if (Requirement.Find(program) is null)
                Requirement.Skip(Part, $"{program} is not installed (Debian: apt-get install docker-registry skopeo)");
        }

        var made = Directory.CreateTempSubdirectory("docker-registry-").FullName;
        var host = $"127.0.0.1:{FreePort()}";
        var config = Path.Combine(made, "config.yml");
        await File.WriteAllTextAsync(config, await ConfigAsync(settings, made, host));
        var start = new ProcessStartInfo("docker-registry", ["serve", config]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["OTEL_TRACES_EXPORTER"] = "none";
        var started = Process.Start(start)!;
        var registry = new DockerRegistry(made, started, host, settings);

        // Both streams are drained: a full pipe would block the registry.
        var errors = started.StandardError.ReadToEndAsync();
        _ = started.StandardOutput.ReadToEndAsync();
        if (await registry.ListensAsync())
            return registry;

        await registry.DisposeAsync();
        throw new InvalidOperationException($"docker-registry does not listen on {host}: {await errors}");
    }

    /// <summary>Pushes all platforms of a layout, with unchanged manifests.</summary>
    /// <param name="image">Repository and tag: <c>team/app:latest</c>.</param>
    public Task PushAsync(OciLayout layout, string image) =>
        Skopeo.PushAsync(layout, $"{Host}/{image}", withPassword ? $"{Username}:{Password}" : null);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> ConfigAsync(DockerRegistrySettings settings, string folder, string host)
    {
        var config = $$"""
            version: 0.1
            log:
              level: error
              accesslog: {disabled: true}
            storage:
              filesystem: {rootdirectory: {{folder}}/store}
              delete: {enabled: true}
            http:
              addr: {{host}}

            """;
        if (settings.Certificate is not null)
            config += $"  tls: {{certificate: {settings.Certificate}, key: {settings.Key}{(settings.ClientAuthority is { } authority ? $", clientcas: [{authority}]" : "")}}}\n";
        if (settings.Tokens is { } tokens)
            return config + $"auth:\n  token: {{realm: {tokens.Realm}, service: {TokenServer.Service}, issuer: {TokenServer.Issuer}, rootcertbundle: {tokens.CertificateFile}}}\n";
        if (!settings.WithPassword)
            return config;

        var file = Path.Combine(folder, "htpasswd");
        await File.WriteAllTextAsync(file, Htpasswd);
        return config + $"auth:\n  htpasswd: {{realm: test, path: {file}}}\n";
    }

    // Another process may take the port before the registry listens on it; then the start fails with an error.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> ListensAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        while (!limit.IsCancellationRequested && !process.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(Address.Host, Address.Port, limit.Token);
                return true;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }
}
