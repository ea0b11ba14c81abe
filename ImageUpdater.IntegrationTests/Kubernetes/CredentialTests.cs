using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class CredentialTests : IDisposable
{
    private static readonly WorkloadKey Web = new("a", WorkloadKind.Deployment, "web");
    private static readonly RequestDelegate NotFound = ScriptedApi.Status(404, "NotFound", "not found");
    private static readonly RequestDelegate Unauthorized = ScriptedApi.Status(401, "Unauthorized", "Unauthorized");

    private readonly TestFolder folder = new();
    private readonly ScriptedTime time = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("token: abc", "Bearer abc")]
    [InlineData("username: me, password: 'p:w'", "Basic bWU6cDp3")]
    [InlineData("token: abc, username: me, password: pw", "Bearer abc")]
    [InlineData("", "")]
    public async Task Get_CredentialsOfTheKubeconfig_AreSent(string user, string header)
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, user);

        await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(header, api.Requests.Single().Headers.Authorization.ToString());
    }

    [Fact]
    public async Task Get_Impersonation_IsSent()
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        using var client = ClientOf(api, "token: abc, as: jane, as-uid: '7', as-groups: [dev]");

        await client.GetWorkloadAsync(Web, CancellationToken.None);

        var headers = api.Requests.Single().Headers;
        Assert.Equal(("jane", "7", "dev"), ($"{headers["Impersonate-User"]}", $"{headers["Impersonate-Uid"]}", $"{headers["Impersonate-Group"]}"));
    }

    [Fact]
    public async Task Get_ImpersonationWithSeveralValues_SendsALineForEach()
    {
        var authority = new TestAuthority();
        // TLS, so that HTTP/2 would be negotiated.
        await using var api = await ScriptedApi.StartAsync(NotFound, https => https.ServerCertificate = authority.Server());
        const string User = "token: abc, as: jörg, as-groups: ['dev, ops', 'system:masters', qa], as-user-extra: {example.com/Scope: [a, b], reason: [x]}";
        using var client = Connections.Client(
            Connections.Load(Connections.Yaml(api.Address, $"certificate-authority-data: {authority.PemBase64}", User)), time);

        await client.GetWorkloadAsync(Web, CancellationToken.None);

        var headers = api.Requests.Single().Headers;
        Assert.Equal(["jörg"], (IEnumerable<string?>)headers["Impersonate-User"]);
        Assert.Equal(["dev, ops", "system:masters", "qa"], (IEnumerable<string?>)headers["Impersonate-Group"]);
        Assert.Equal(["a", "b"], (IEnumerable<string?>)headers["Impersonate-Extra-example.com%2FScope"]);
        Assert.Equal(["x"], (IEnumerable<string?>)headers["Impersonate-Extra-reason"]);
    }

    [Fact]
    public async Task Get_FixedTokenIsRefused_IsNotTriedAgain()
    {
        await using var api = await ScriptedApi.StartAsync(Unauthorized);
        using var client = ClientOf(api, "token: abc");

        var result = await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.Unauthorized, result.Failure!.Kind);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task Get_TokenFileChanges_IsReadAgainAfterAMinute()
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        var path = folder.Write("token", "one\n");
        using var client = ClientOf(api, $"tokenFile: {path}");

        await client.GetWorkloadAsync(Web, CancellationToken.None);
        folder.Write("token", "two");
        await client.GetWorkloadAsync(Web, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.GetWorkloadAsync(Web, CancellationToken.None);
        File.Delete(path);
        time.Advance(TimeSpan.FromMinutes(1));
        await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(["Bearer one", "Bearer one", "Bearer two", "Bearer two"], Sent(api));
    }

    [Fact]
    public async Task Get_TokenFileIsRefused_ReadsItAgainAndTriesOnce()
    {
        var path = folder.Write("token", "one");
        await using var api = await ScriptedApi.StartAsync(context =>
        {
            if (context.Request.Headers.Authorization == "Bearer two")
                return NotFound(context);
            folder.Write("token", "two");
            return Unauthorized(context);
        });
        using var client = ClientOf(api, $"tokenFile: {path}");

        var result = await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.NotFound, result.Failure!.Kind);
        Assert.Equal(["Bearer one", "Bearer two"], Sent(api));
    }

    [Fact]
    public async Task Get_TokenFileIsRefusedTwice_GivesUp()
    {
        await using var api = await ScriptedApi.StartAsync(Unauthorized);
        using var client = ClientOf(api, $"tokenFile: {folder.Write("token", "one")}");

        var result = await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.Unauthorized, result.Failure!.Kind);
        Assert.Equal(2, api.Requests.Count);
    }

    [Theory]
    [InlineData(null, "does not exist")]
    [InlineData(" \n", "the token is empty")]
    [InlineData("one\ntwo", "contains invalid characters")]
    public async Task Get_NoUsableToken_SaysSo(string? content, string message)
    {
        await using var api = await ScriptedApi.StartAsync(NotFound);
        var path = content is null ? Path.Combine(folder.Path, "none") : folder.Write("token", content);
        using var client = ClientOf(api, $"tokenFile: {path}");

        var result = await client.GetWorkloadAsync(Web, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.Unauthorized, result.Failure!.Kind);
        Assert.Contains(message, result.Failure.Message, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }

    private ClusterClient ClientOf(ScriptedApi api, string user) =>
        Connections.Client(Connections.Load(Connections.Yaml(api.Address, user: user)), time);

    private static IEnumerable<string> Sent(ScriptedApi api) => api.Requests.Select(request => request.Headers.Authorization.ToString());
}
