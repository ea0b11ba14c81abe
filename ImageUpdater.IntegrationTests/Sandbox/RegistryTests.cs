using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

public sealed class RegistryTests : IAsyncLifetime
{
    private const string Manifest = "/v2/team/app/manifests/latest";

    private readonly List<IDisposable> clients = [];
    private readonly List<SandboxRegistry> registries = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable client in clients) client.Dispose();
        foreach (SandboxRegistry registry in registries) await registry.DisposeAsync();
    }

    [Fact]
    public async Task Head_OfATag_GivesTheDigestThatAGetHashesTo()
    {
        (SandboxRegistry registry, SandboxHttp http) = await StartAsync(new SandboxRegistryOptions());
        string digest = registry.PushImage("team/app", "latest", "content");
        Answer head = await http.SendAsync(HttpMethod.Head, Manifest);
        Answer get = await http.GetAsync(Manifest);

        Assert.Equal(digest, DigestOf(head));
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", head.Content.ContentType!.ToString());
        Assert.Equal(get.Text.Length, head.Content.ContentLength);
        Assert.Equal(digest, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(get.Text))));
        Assert.Equal(200, (await http.GetAsync($"/v2/team/app/manifests/{digest}")).Status);
        Assert.Equal(404, (await http.GetAsync("/v2/team/app/manifests/none")).Status);
        Assert.Equal(1, registry.Requests.Count("HEAD"));
    }

    [Fact]
    public async Task PushIndex_WithAnAttestation_HasAnEntryOfNoPlatform()
    {
        (SandboxRegistry registry, SandboxHttp http) = await StartAsync(new SandboxRegistryOptions());
        PlatformImage[] images = [new("linux/amd64", "a"), new("linux/arm/v7", "b")];
        string one = registry.PushIndex("team/app", "latest", images, attestation: "one");
        string other = registry.PushIndex("team/app", "latest", images, attestation: "other");
        Answer answer = await http.GetAsync(Manifest);

        Assert.NotEqual(one, other);
        Assert.Equal(registry.ChildDigestOf("team/app", one, "linux/amd64"), registry.ChildDigestOf("team/app", other, "linux/amd64"));
        Assert.Equal(["linux", "linux", "unknown"], answer.Json["manifests"]!.AsArray().Select(entry => (string)entry!["platform"]!["os"]!));
    }

    [Fact]
    public async Task Basic_WithoutCredentials_Is401()
    {
        (SandboxRegistry registry, SandboxHttp http) = await StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Basic });
        registry.PushImage("team/app", "latest", "content");

        Assert.StartsWith("Basic", (await http.GetAsync(Manifest)).Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, (await http.GetAsync(Manifest, Basic("user", "password"))).Status);
        Assert.Equal(Basic("user", "password"), registry.Requests.All[^1].Authorization);
    }

    [Fact]
    public async Task Bearer_WithATokenForTheRepository_IsLetIn()
    {
        (SandboxRegistry registry, SandboxHttp http) = await StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Bearer });
        registry.PushImage("team/app", "latest", "content");
        string challenge = (await http.GetAsync(Manifest)).Headers.WwwAuthenticate.ToString();
        Assert.Contains("scope=\"repository:team/app:pull\"", challenge, StringComparison.Ordinal);

        string good = await TokenAsync(http, "repository:team/app:pull", Basic("user", "password"));
        string elsewhere = await TokenAsync(http, "repository:team/other:pull", Basic("user", "password"));
        string anonymous = await TokenAsync(http, "repository:team/app:pull", null);
        Assert.Equal(200, (await http.GetAsync(Manifest, $"Bearer {good}")).Status);
        Assert.Equal(401, (await http.GetAsync(Manifest, $"Bearer {elsewhere}")).Status);
        Assert.Equal(401, (await http.GetAsync(Manifest, $"Bearer {anonymous}")).Status);
        Assert.Equal(401, (await http.GetAsync("/token?scope=x", Basic("user", "wrong"))).Status);
    }

    [Fact]
    public async Task Faults_OfTokens_MakeThemUseless()
    {
        (SandboxRegistry registry, SandboxHttp http) = await StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Bearer, AnonymousPull = true });
        registry.PushImage("team/app", "latest", "content");
        using (registry.Faults.Add(new RegistryFault { PathPrefix = "/token", TokenLacksAccess = true }))
            Assert.Equal(401, (await http.GetAsync(Manifest, $"Bearer {await TokenAsync(http, "repository:team/app:pull", null)}")).Status);
        using (registry.Faults.Add(new RegistryFault { Repository = "team/app", TokenExpired = true }))
            Assert.Equal(401, (await http.GetAsync(Manifest, $"Bearer {await TokenAsync(http, "repository:team/app:pull", null)}")).Status);
        Assert.Equal(200, (await http.GetAsync(Manifest, $"Bearer {await TokenAsync(http, "repository:team/app:pull", null)}")).Status);
    }

    [Fact]
    public async Task Faults_OfManifests_ShowInTheAnswer()
    {
        (SandboxRegistry registry, SandboxHttp http) = await StartAsync(new SandboxRegistryOptions());
        registry.PushImage("team/app", "latest", "content");

        Assert.Equal(405, (await WithAsync(new RegistryFault { Method = "HEAD", Status = 405 })).Status);
        Assert.False((await WithAsync(new RegistryFault { OmitDigest = true })).Headers.Contains("Docker-Content-Digest"));
        Assert.Equal("sha256:wrong", DigestOf(await WithAsync(new RegistryFault { Digest = "sha256:wrong" })));
        Answer limited = await WithAsync(new RegistryFault { Status = 429, RetryAfter = "soon", Headers = new Dictionary<string, string> { ["ratelimit-remaining"] = "0;w=60" } });
        Assert.Equal("soon", Assert.Single(limited.Headers.NonValidated["Retry-After"]));
        Assert.Equal("0;w=60", Assert.Single(limited.Headers.NonValidated["ratelimit-remaining"]));
        Answer challenged = await WithAsync(new RegistryFault { Challenges = ["Basic realm=\"a\"", "Bearer slashed=\"he\\\"\\l\\lo\""] });
        Assert.Equal(["Basic realm=\"a\"", "Bearer slashed=\"he\\\"\\l\\lo\""], challenged.Headers.NonValidated["WWW-Authenticate"]);
        Answer redirected = await WithAsync(new RegistryFault { RedirectTo = "http://other.example{target}" });
        Assert.Equal($"http://other.example{Manifest}", redirected.Headers.Location!.ToString());
        Assert.Equal(5_000_000, (await WithAsync(new RegistryFault { PadTo = 5_000_000 })).Content.ContentLength);
        registry.Faults.Add(new RegistryFault { CutBody = true, Times = 1 });
        await Assert.ThrowsAnyAsync<Exception>(() => http.GetAsync(Manifest));
        registry.Faults.Add(new RegistryFault { Body = "no json", Times = 1 });
        Assert.Equal("no json", (await http.GetAsync(Manifest)).Text);
        registry.Faults.Add(new RegistryFault { Repository = "team/other", Status = 500 });
        Assert.Equal(200, (await http.GetAsync(Manifest)).Status);

        async Task<Answer> WithAsync(RegistryFault fault)
        {
            using IDisposable set = registry.Faults.Add(fault);
            return await http.SendAsync(HttpMethod.Head, Manifest);
        }
    }

    [Fact]
    public async Task Skopeo_CopiesAnIndexFromOneToAnother_UnderTheSameDigest()
    {
        Skopeo.Require();
        (SandboxRegistry from, _) = await StartAsync(new SandboxRegistryOptions());
        (SandboxRegistry to, _) = await StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Bearer });
        string digest = from.PushIndex("team/app", "latest", [new("linux/amd64", "a"), new("linux/arm64", "b")], attestation: "c");

        using Process skopeo = Process.Start("/usr/bin/skopeo",
        [
            "copy", "--all", "-q", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false", "--dest-creds", "user:password",
            $"docker://{from.Reference("team/app")}", $"docker://{to.Reference("team/copy")}",
        ]);
        await skopeo.WaitForExitAsync();

        Assert.Equal(0, skopeo.ExitCode);
        Assert.Equal(digest, to.DigestOf("team/copy", "latest"));
    }

    private async Task<(SandboxRegistry Registry, SandboxHttp Http)> StartAsync(SandboxRegistryOptions options)
    {
        SandboxRegistry registry = await SandboxRegistry.StartAsync(options);
        var http = new SandboxHttp(registry.Url);
        registries.Add(registry);
        clients.Add(http);
        return (registry, http);
    }

    private static async Task<string> TokenAsync(SandboxHttp http, string scope, string? authorization) =>
        (string)(await http.GetAsync($"/token?service=x&scope={scope}", authorization)).Json["token"]!;

    private static string Basic(string user, string password) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";

    private static string DigestOf(Answer answer) => answer.Headers.GetValues("Docker-Content-Digest").Single();
}
