using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>An API server with responses from the test.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication application;

    private ScriptedApi(WebApplication application) => this.application = application;

    public ConcurrentQueue<Seen> Requests { get; } = [];

    public Uri Address { get; private set; } = new("http://unset");

    /// <param name="https">Null for plain HTTP.</param>
    public static async Task<ScriptedApi> StartAsync(RequestDelegate answer, Action<HttpsConnectionAdapterOptions>? https = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (https is not null)
                listen.UseHttps(https);
        }));
        var api = new ScriptedApi(builder.Build());
        api.application.Run(async context =>
        {
            api.Requests.Enqueue(await Seen.OfAsync(context.Request));
            await answer(context);
        });
        await api.application.StartAsync();
        var addresses = api.application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        api.Address = new Uri(addresses.Single());
        return api;
    }

    /// <summary>Sends the responses in order, and repeats the last one.</summary>
    public static RequestDelegate InOrder(params RequestDelegate[] answers)
    {
        var next = -1;
        return context => answers[Math.Min(Interlocked.Increment(ref next), answers.Length - 1)](context);
    }

    public static RequestDelegate Json(string body, int status = 200, string? retryAfter = null) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync(body);
    };

    public static RequestDelegate Status(int code, string reason, string message, string? retryAfter = null) => Json(
        $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":{{System.Text.Json.JsonSerializer.Serialize(message)}},"reason":"{{reason}}","code":{{code}}}""",
        code,
        retryAfter);

    /// <summary>Closes the connection without a response.</summary>
    public static Task HangUp(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await application.DisposeAsync();

    /// <summary>A received request.</summary>
    internal sealed record Seen(string Method, string Path, string Query, IHeaderDictionary Headers, string Body)
    {
        public static async Task<Seen> OfAsync(HttpRequest request)
        {
            using var reader = new StreamReader(request.Body, Encoding.UTF8);
            var headers = new HeaderDictionary();
            foreach (var header in request.Headers)
                headers[header.Key] = header.Value;
            return new Seen(request.Method, request.Path, request.QueryString.Value ?? "", headers, await reader.ReadToEndAsync());
        }
    }
}
