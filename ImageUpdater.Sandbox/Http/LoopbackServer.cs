using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ImageUpdater.Sandbox.Http;

/// <summary>Kestrel on loopback, with one delegate for all requests instead of routing.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping = new();

    private LoopbackServer(int port, Func<HttpContext, CancellationToken, Task> handle)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        // Environment variables such as ASPNETCORE_URLS are meant for the program under test, not for the sandbox.
        builder.Configuration.Sources.Clear();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        app = builder.Build();
        app.Run(context => handle(context, stopping.Token));
    }

    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<LoopbackServer> StartAsync(int port, Func<HttpContext, CancellationToken, Task> handle)
    {
        var server = new LoopbackServer(port, handle);
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
    }
}
