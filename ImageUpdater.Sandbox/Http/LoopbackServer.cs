using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImageUpdater.Sandbox.Http;

/// <summary>One Kestrel on loopback that hands every request to one delegate: no routing table stands in the way.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping;

    private LoopbackServer(WebApplication app, CancellationTokenSource stopping, Uri url)
    {
        this.app = app;
        this.stopping = stopping;
        Url = url;
    }

    public Uri Url { get; }

    public static async Task<LoopbackServer> StartAsync(int port, X509Certificate2? certificate, Func<HttpContext, CancellationToken, Task> handle)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        // Environment variables such as ASPNETCORE_URLS are meant for the program under test, not for its backdrop.
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

        WebApplication built = builder.Build();
        var ending = new CancellationTokenSource();
        built.Run(context => handle(context, ending.Token));
        await built.StartAsync();

        string address = built.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new LoopbackServer(built, ending, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        // Watches and slow answers end first; else the stop would wait for them.
        await stopping.CancelAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        stopping.Dispose();
    }
}
