using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImageUpdater.Sandbox.Http;

/// <summary>Kestrel on loopback, with one delegate for all requests instead of routing.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly X509Certificate2? certificate;
    private readonly CancellationTokenSource stopping = new();

    private LoopbackServer(int port, X509Certificate2? certificate, Func<HttpContext, CancellationToken, Task> handle)
    {
        this.certificate = certificate;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        // Environment variables such as ASPNETCORE_URLS are meant for the program under test, not for the sandbox.
        builder.Configuration.Sources.Clear();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (certificate is not null) listen.UseHttps(certificate);
            });
        });
        app = builder.Build();
        app.Run(context => handle(context, stopping.Token));
    }

    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>With TLS, the certificate that clients must trust.</summary>
    public string? CertificatePem => certificate?.ExportCertificatePem();

    public static async Task<LoopbackServer> StartAsync(int port, bool tls, TimeProvider time, Func<HttpContext, CancellationToken, Task> handle)
    {
        var server = new LoopbackServer(port, tls ? NewCertificate(time.GetUtcNow()) : null, handle);
        await server.app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        // Ends watches and slow responses first, since stopping waits for open requests.
        await stopping.CancelAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        stopping.Dispose();
        certificate?.Dispose();
    }

    /// <summary>A self-signed certificate for 127.0.0.1 and localhost.</summary>
    private static X509Certificate2 NewCertificate(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=image-updater-sandbox", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }
}
