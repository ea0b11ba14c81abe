using System.Net;
using System.Security.Cryptography;
using ImageUpdater.Core.Observing;
using ImageUpdater.Http;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Transport;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Certificates, proxies and token servers of a registry's options.</summary>
public sealed class ConnectionTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly TestAuthority authority = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Check_ClientCertificate_IsShownToTheRegistryOnly()
    {
        var shown = new List<string>();
        await using var tokens = await StartAsync("tokens", shown, Answer("""{"token":"t1"}"""));
        var realm = $"https://localhost:{tokens.Address.Port}/token";
        await using var registry = await StartAsync("registry", shown, context => context.Request.Headers.Authorization == "Bearer t1"
            ? Served(context)
            : Challenge(context, realm));
        var (certificate, key) = ClientCertificate();
        using var under = new ClientUnderTest(new RegistryOptions
        {
            Host = registry.Address.Authority,
            CaFile = folder.Write("ca.pem", authority.Pem),
            ClientCertificateFile = certificate,
            ClientKeyFile = key,
        });

        var check = await under.Client.CheckAsync(ClientUnderTest.Image(registry.Address.Authority), [], CancellationToken.None);

        Assert.IsType<ServedCheck>(check);
        Assert.Equal(["registry CN=updater", "tokens ", "registry CN=updater"], shown);
    }

    [Fact]
    public async Task Check_SkipVerify_HoldsForTheRegistryAndForNoOtherHost()
    {
        var shown = new List<string>();
        await using var tokens = await StartAsync("tokens", shown, Answer("""{"token":"t1"}"""));
        await using var registry = await StartAsync("registry", shown, context => Challenge(context, $"https://localhost:{tokens.Address.Port}/token"));
        using var under = new ClientUnderTest(new RegistryOptions { Host = registry.Address.Authority, InsecureSkipVerify = true });

        var check = await under.Client.CheckAsync(ClientUnderTest.Image(registry.Address.Authority), [], CancellationToken.None);

        Assert.Contains("the certificate is not trusted", Assert.IsType<FailedCheck>(check).Failure.Message, StringComparison.Ordinal);
        Assert.Equal(["registry "], shown);
    }

    [Fact]
    public async Task Check_Proxy_IsGivenWhatIsForTheRegistry()
    {
        // An HTTP proxy receives plain HTTP requests with the absolute address.
        await using var proxy = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + ScriptedRegistry.Path, Reply.Served()));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp("registry.example.com") with { Proxy = $"http://user:s3cret@{proxy.Host}" });

        var check = await under.Client.CheckAsync(ClientUnderTest.Image("registry.example.com"), [], CancellationToken.None);

        Assert.IsType<ServedCheck>(check);
    }

    [Fact]
    public async Task Check_ProxyRefuses_ShowsNoAccount()
    {
        await using var proxy = await ScriptedRegistry.StartAsync(Rule.For("CONNECT ", new Reply(407)));
        using var under = new ClientUnderTest(new RegistryOptions { Host = "registry.example.com", Proxy = $"http://user:s3cret@{proxy.Host}" });

        var check = await under.Client.CheckAsync(ClientUnderTest.Image("registry.example.com"), [], CancellationToken.None);

        var failure = Assert.IsType<FailedCheck>(check).Failure;
        Assert.Contains($"registry.example.com could not be reached for team/app:latest through the proxy {proxy.Host}: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message + under.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "http://registry.example.com", false)]
    [InlineData("", "http://localhost:5000", true)]
    [InlineData("", "http://127.1.2.3", true)]
    [InlineData("", "http://[::1]:5000", true)]
    [InlineData("*", "http://registry.example.com", true)]
    [InlineData("a, 10.0.0.0/8 ,b", "http://10.1.2.3:5000", true)]
    [InlineData("10.0.0.0/8", "http://11.1.2.3", false)]
    [InlineData("10.1.2.3", "http://10.1.2.3:5000", true)]
    [InlineData("10.1.2.3:5000", "http://10.1.2.3:5000", true)]
    [InlineData("10.1.2.3:5000", "http://10.1.2.3:5001", false)]
    [InlineData("fd00::/8", "http://[fd00::1]", true)]
    [InlineData("[fd00::1]:5000", "http://[fd00::1]:5000", true)]
    [InlineData("fd00::1", "http://[fd00::1]", true)]
    [InlineData("Example.com", "http://registry.example.COM", true)]
    [InlineData("example.com", "http://example.com:5000", true)]
    [InlineData("example.com", "http://notexample.com", false)]
    [InlineData(".example.com", "http://registry.example.com", true)]
    [InlineData(".example.com", "http://example.com", false)]
    [InlineData("*.example.com:443", "https://registry.example.com", true)]
    [InlineData("*.example.com:443", "http://registry.example.com", false)]
    [InlineData(",:,/8,[,", "http://registry.example.com", false)]
    public void IsBypassed_NoProxy_IsReadAsGoReadsIt(string noProxy, string address, bool isBypassed)
    {
        var proxy = new SystemProxy(new WebProxy("http://proxy:3128"), noProxy);

        Assert.Equal(isBypassed, proxy.IsBypassed(new Uri(address)));
        Assert.Equal(isBypassed ? null : new Uri("http://proxy:3128"), proxy.GetProxy(new Uri(address)));
    }

    [Theory]
    [InlineData("https://10.1.2.3/token", "https://registry.invalid/", "", "10.1.2.3, a private address that is not the registry's")]
    [InlineData("https://10.1.2.3/token", "https://registry.invalid/", "10.1.2.3", null)]
    [InlineData("https://auth.INTERNAL:8443/token", "https://registry.invalid/", "auth.internal", null)]
    [InlineData("http://10.1.2.3/token", "https://registry.invalid/", "10.1.2.3", "10.1.2.3 without HTTPS")]
    [InlineData("http://10.1.2.3/token", "http://registry.invalid/", "10.1.2.3", null)]
    [InlineData("http://10.1.2.3/token", "http://registry.invalid/", "10.1.2.4", "10.1.2.3 without HTTPS")]
    public async Task Refusal_TokenServer_IsLiftedWhereTheUserNamesIt(string target, string home, string named, string? expected) => Assert.Equal(
        expected, (await NetworkRules.CheckAsync(new Uri(target), new Uri(home), [named], CancellationToken.None)).Refusal);

    [Theory]
    [InlineData("https://8.8.8.8/token", "https://registry.invalid/", "8.8.8.8")]
    [InlineData("https://[2001:4860:4860::8888]/", "https://registry.invalid/", "2001:4860:4860::8888")]
    [InlineData("https://nowhere.invalid/", "https://registry.invalid/", "")]
    [InlineData("https://10.0.0.1:8443/", "https://10.0.0.1/", null)]
    public async Task Check_HostThatAResponseNames_IsBoundToTheCheckedAddresses(string target, string home, string? addresses)
    {
        var verdict = await NetworkRules.CheckAsync(new Uri(target), new Uri(home), [], CancellationToken.None);

        Assert.Equal((null, addresses), (verdict.Refusal, verdict.Addresses is null ? null : string.Join(' ', verdict.Addresses)));
    }

    [Fact]
    public async Task Send_WithAddresses_ConnectsToNoOther()
    {
        await using var server = await ScriptedRegistry.StartAsync(Rule.For("GET /", new Reply(204)));
        using var handler = new SocketsHttpHandler();
        Dialer.Configure(handler, ServerTrust.OfSystem, certificate: null, new ProxyChoice(UseProxy: true, Proxy: null));
        using var client = new HttpClient(handler);
        var port = server.Host.Split(':')[1];

        Assert.Equal(HttpStatusCode.NoContent, await SendAsync("registry.example.invalid", IPAddress.Loopback));
        Assert.Null(await SendAsync("localhost"));

        async Task<HttpStatusCode?> SendAsync(string host, params IPAddress[] only)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}:{port}/");
            request.Options.Set(Dialer.OnlyAddresses, only);
            try
            {
                return (await client.SendAsync(request)).StatusCode;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        }
    }

    [Fact]
    public async Task Check_TokenServerOfAPrivateAddress_SaysHowToAllowIt()
    {
        await using var registry = await ScriptedRegistry.StartAsync(
            Rule.For("HEAD " + ScriptedRegistry.Path, Reply.Challenge(ScriptedRegistry.Bearer("https://10.255.255.1/token"))));
        using var under = ClientUnderTest.For(registry);

        var failure = await under.FailureAsync(registry);

        Assert.Contains("the registry's; to allow this host, add it to TokenHosts in ImageUpdater:Registries", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_AfterQuestions_ClosesEveryConnection()
    {
        await using var mirror = await ScriptedRegistry.StartAsync();
        await using var tokens = await ScriptedRegistry.StartAsync(Rule.For("GET /token", Reply.Token("""{"token":"t1"}""")));
        await using var registry = await ScriptedRegistry.StartAsync(
            new Rule("HEAD " + ScriptedRegistry.Path, "Bearer t1", Reply.Served()),
            Rule.For("HEAD " + ScriptedRegistry.Path, Reply.Challenge(ScriptedRegistry.Bearer($"http://localhost:{tokens.Host.Split(':')[1]}/token"))));

        // With separate connections for the registry's host and for other hosts.
        var options = ClientUnderTest.PlainHttp(registry.Host) with { InsecureSkipVerify = true, TokenHosts = ["localhost"] };
        ScriptedRegistry[] asked = [mirror, tokens, registry];
        using (var under = new ClientUnderTest(options with { Mirrors = [new RegistryMirror { Url = $"http://{mirror.Host}" }] }))
        {
            Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(registry));
            Assert.All(asked, server => Assert.Equal(1, server.Connections));
        }

        await NoConnectionIsLeftAsync(asked);
    }

    [Fact]
    public async Task Keep_RegistryIsNoLongerUsed_IsClosedAndForgotten()
    {
        await using var gone = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + ScriptedRegistry.Path, Reply.Served()));
        await using var used = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + ScriptedRegistry.Path, Reply.Served()));
        using var under = new ClientUnderTest(ClientUnderTest.PlainHttp(gone.Host), ClientUnderTest.PlainHttp(used.Host));
        await under.CheckAsync(gone);
        await under.CheckAsync(used);

        under.Client.Keep(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { used.Host.ToUpperInvariant() });

        Assert.Equal(used.Host, Assert.Single(under.Client.Registries).Registry);
        await Eventually.HoldsAsync("its connection is closed", () => Task.FromResult(gone.Connections == 0));
        Assert.Equal(1, used.Connections);
        Assert.Equal(ScriptedRegistry.ManifestDigest, await under.DigestAsync(gone));
    }

    [Fact]
    public async Task Keep_RegistryIsBeingAsked_IsLeftAlone()
    {
        var release = new TaskCompletionSource();
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("HEAD " + ScriptedRegistry.Path, Reply.Served() with { Then = _ => release.Task }));
        using var under = ClientUnderTest.For(registry);
        var check = under.DigestAsync(registry);
        await Eventually.HoldsAsync("it is asked", () => Task.FromResult(registry.Requests.Count == 1));

        under.Client.Keep(new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        release.SetResult();

        Assert.Equal(ScriptedRegistry.ManifestDigest, await check);
    }

    [Fact]
    public async Task Resolve_WhenDone_LeavesNoConnection()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET " + ScriptedRegistry.Path, Reply.Content()));
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ImageUpdater__Registries__0__Host"] = registry.Host,
            ["ImageUpdater__Registries__0__PlainHttp"] = "true",
        };

        var result = await InProcess.RunAsync(environment, ["resolve", $"{registry.Host}/team/app"]);

        Assert.Equal((0, 1), (result.ExitCode, registry.Requests.Count));
        await NoConnectionIsLeftAsync(registry);
    }

    // Earlier than the idle timeout of connections, which is one minute.
    private static async Task NoConnectionIsLeftAsync(params ScriptedRegistry[] asked)
    {
        for (var waited = 0; asked.Any(server => server.Connections > 0) && waited < 100; waited++)
            await Task.Delay(100);
        Assert.All(asked, server => Assert.Equal(0, server.Connections));
    }

    private Task<ScriptedApi> StartAsync(string name, List<string> shown, RequestDelegate answer) => ScriptedApi.StartAsync(
        context =>
        {
            lock (shown)
                shown.Add($"{name} {context.Connection.ClientCertificate?.Subject}");
            return answer(context);
        },
        authority.AskForClients(name == "tokens" ? "localhost" : null, required: false));

    private (string Certificate, string Key) ClientCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (folder.Write("client.pem", authority.Client("updater", key).ExportCertificatePem()), folder.Write("client.key", key.ExportECPrivateKeyPem()));
    }

    private static RequestDelegate Answer(string json) => ScriptedApi.Json(json);

    private static Task Served(HttpContext context)
    {
        context.Response.ContentType = ScriptedRegistry.ManifestType;
        context.Response.Headers["Docker-Content-Digest"] = ScriptedRegistry.ManifestDigest;
        return Task.CompletedTask;
    }

    private static Task Challenge(HttpContext context, string realm)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{realm}\"";
        return Task.CompletedTask;
    }
}
