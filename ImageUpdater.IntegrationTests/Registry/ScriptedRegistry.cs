using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>A server on loopback that responds according to a list of rules and records requests.</summary>
internal sealed class ScriptedRegistry : IAsyncDisposable
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    public const string IndexType = "application/vnd.oci.image.index.v1+json";
    public const string Manifest =
        """{"schemaVersion":2,"config":{"digest":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},"layers":[]}""";

    public const string Path = "/v2/team/app/manifests/latest";

    private readonly WebApplication application;
    private readonly ConcurrentQueue<Asked> asked = new();
    private readonly IReadOnlyList<Rule> rules;
    private int connections;

    private ScriptedRegistry(WebApplication application, IReadOnlyList<Rule> rules) => (this.application, this.rules) = (application, rules);

    public static string ManifestDigest { get; } = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Manifest)));

    public string Host => new Uri(application.Urls.Single()).Authority;

    /// <summary>Method, path and query of each request, in order.</summary>
    public IReadOnlyList<string> Lines => [.. asked.Select(asked => asked.Line)];

    public IReadOnlyList<Asked> Requests => [.. asked];

    /// <summary>The number of open connections, used or idle.</summary>
    public int Connections => Volatile.Read(ref connections);

    public static async Task<ScriptedRegistry> StartAsync(params Rule[] rules)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        ScriptedRegistry? registry = null;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => async connection =>
        {
            Interlocked.Increment(ref registry!.connections);
            await next(connection);
            Interlocked.Decrement(ref registry.connections);
        })));
        registry = new ScriptedRegistry(builder.Build(), rules);
        registry.application.Run(registry.AnswerAsync);
        await registry.application.StartAsync();
        return registry;
    }

    /// <summary>In most tests the registry is its own token server.</summary>
    public static string Bearer(string realm = "{self}/token") => $"Bearer realm=\"{realm}\",service=\"scripted\"";

    public async ValueTask DisposeAsync() => await application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        using var body = new StreamReader(request.Body);
        var heard = new Asked(
            $"{request.Method} {request.Path}{request.QueryString}",
            request.Headers.Authorization.ToString(),
            string.Join(", ", request.Headers.Accept.ToArray()),
            request.Headers.UserAgent.ToString(),
            await body.ReadToEndAsync());
        asked.Enqueue(heard);

        var rule = rules.FirstOrDefault(rule => rule.Fits(heard));
        await (rule?.Next() ?? new Reply(404)).WriteAsync(context, "http://" + Host);
    }
}

internal sealed record Asked(string Line, string Authorization, string Accept, string UserAgent, string Body);

/// <param name="Request">Method and path, optionally with the query.</param>
/// <param name="Authorization">Null for any, empty for none.</param>
/// <param name="Replies">Used in order; the last one is repeated.</param>
internal sealed record Rule(string Request, string? Authorization, params Reply[] Replies)
{
    private int next = -1;

    public static Rule For(string request, params Reply[] replies) => new(request, null, replies);

    public bool Fits(Asked asked) =>
        (asked.Line == Request || asked.Line.StartsWith(Request + "?", StringComparison.Ordinal))
        && (Authorization is null || Authorization == asked.Authorization);

    public Reply Next() => Replies[Math.Min(Interlocked.Increment(ref next), Replies.Length - 1)];
}

/// <summary>A scripted response; <c>{self}</c> in a header is replaced by the server's address.</summary>
internal sealed record Reply(int Status, params (string Name, string Value)[] Headers)
{
    public string Body { get; init; } = "";

    /// <summary>Writes the body, if a text is not enough.</summary>
    public Func<HttpContext, Task>? Then { get; init; }

    public static Reply Served(string? digest = null) => new(
        200, ("Content-Type", ScriptedRegistry.ManifestType), ("Docker-Content-Digest", digest ?? ScriptedRegistry.ManifestDigest));

    public static Reply Content(string body = ScriptedRegistry.Manifest, string type = ScriptedRegistry.ManifestType) =>
        new(200, ("Content-Type", type)) { Body = body };

    public static Reply Token(string body) => new(200, ("Content-Type", "application/json")) { Body = body };

    public static Reply Challenge(params string[] challenges) =>
        new(401, [.. challenges.Select(challenge => ("WWW-Authenticate", challenge))]);

    public async Task WriteAsync(HttpContext context, string self)
    {
        context.Response.StatusCode = Status;
        foreach (var (name, value) in Headers)
            context.Response.Headers.Append(name, value.Replace("{self}", self, StringComparison.Ordinal));
        if (Then is not null)
            await Then(context);
        else if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.WriteAsync(Body);
    }
}
