using ImageUpdater.Core;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Kubernetes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>A cached pull secret that is changed in the cluster.</summary>
public sealed class RotatedSecretTests : IAsyncLifetime
{
    private ScriptedApi api = null!;
    private ClusterClient cluster = null!;
    private ObserverUnderTest under = null!;
    private string password = "password";
    private string? host;
    private bool isThere = true;

    public async ValueTask InitializeAsync()
    {
        api = await ScriptedApi.StartAsync(context => isThere
            ? ScriptedApi.Json(Secret())(context)
            : ScriptedApi.Status(404, "NotFound", "secrets \"regcred\" not found")(context));
        cluster = Connections.Client(api);
        under = await ObserverUnderTest.StartAsync(sandbox: new SandboxRegistryOptions { Auth = RegistryAuth.Basic }, cluster: cluster);
        under.Add("web", "app", "side");
        under.Workloads[0] = under.Workloads[0] with { PullIdentity = new PullIdentity("shop", "default", ["regcred"]) };
    }

    public async ValueTask DisposeAsync()
    {
        await under.DisposeAsync();
        cluster.Dispose();
        await api.DisposeAsync();
    }

    [Fact]
    public async Task Observe_WithinFiveMinutes_ReadsTheSecretOnce()
    {
        await ServedAsync();
        under.Clock.Advance(TimeSpan.FromMinutes(4.9));
        await ServedAsync();
        Assert.Single(api.Requests);

        under.Clock.Advance(TimeSpan.FromMinutes(0.2));
        await ServedAsync();
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task Observe_KeptSecretIsRefused_ReadsItAgainAndAsksAgain()
    {
        password = "old";
        Assert.All((await ObserveAsync()).Values, check => Assert.Equal(RegistryFailureKind.Unauthorized, Assert.IsType<FailedCheck>(check).Failure.Kind));
        Assert.Single(api.Requests);

        password = "password";
        await ServedAsync();
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task Observe_SecretThatWasMissing_IsFoundOnceTheRegistryRefuses()
    {
        isThere = false;
        Assert.All((await ObserveAsync()).Values, check => Assert.IsType<FailedCheck>(check));

        isThere = true;
        await ServedAsync();
        Assert.Equal(2, api.Requests.Count);
    }

    [Theory]
    [InlineData("default", "regcred", false, "; pull secret shop/regcred does not exist")]
    [InlineData("nobody", "", false, "; service account shop/nobody does not exist")]
    [InlineData("default", "", false, "; tried: anonymous")]
    [InlineData("default", "regcred", true, "; pull secret shop/regcred has no entry for {registry}")]
    public async Task Observe_Refused_NamesWhatGaveNoCredential(string account, string secret, bool exists, string end)
    {
        (isThere, host) = (exists, "other.example.com");
        under.Workloads[0] = under.Workloads[0] with { PullIdentity = new PullIdentity("shop", account, secret.Length == 0 ? [] : [secret]) };

        Assert.All((await ObserveAsync()).Values, check => Assert.EndsWith(
            end.Replace("{registry}", under.Registry.Address, StringComparison.Ordinal), Assert.IsType<FailedCheck>(check).Failure.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(500, false)]
    public async Task Observe_FailsOtherwise_NamesWhatIsMissingOnlyIfItMayBeWhy(int status, bool isNamed)
    {
        isThere = false;
        using var fault = under.Registry.Faults.Add(new RegistryFault { Status = status });

        Assert.All((await ObserveAsync()).Values, check => Assert.Equal(
            isNamed && ((FailedCheck)check).Failure.WasAsked, ((FailedCheck)check).Failure.Message.EndsWith("; pull secret shop/regcred does not exist", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Observe_KeptSecretIsRefusedAndTheSame_AsksNotAgain()
    {
        password = "old";
        await ObserveAsync();
        var before = under.Registry.Requests.All.Count(request => request.Authorization is not null);
        Assert.True(before > 0);

        await ObserveAsync();
        Assert.Equal(before, under.Registry.Requests.All.Count(request => request.Authorization is not null));
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task ReadManifest_KeptSecretIsRefused_ReadsItAgainAndAsksAgain()
    {
        var digest = Digest.Parse(under.Registry.PushImage("app", "latest", "second"));
        var wanted = new Dictionary<Digest, ImageReference> { [digest] = under.Image("app") };
        password = "old";
        Assert.Equal(RegistryFailureKind.Unauthorized, (await ReadAsync()).Failure!.Kind);

        password = "password";
        Assert.Equal(digest, (await ReadAsync()).Value!.Digest);
        Assert.Equal(2, api.Requests.Count);

        async Task<Result<Manifest, RegistryFailure>> ReadAsync() =>
            (await under.Manifests.ReadAsync(wanted, under.Workloads, mayAsk: true, CancellationToken.None))[digest];
    }

    private async Task<IReadOnlyDictionary<ObservedImage, ImageCheck>> ObserveAsync()
    {
        var checks = (await under.ObserveAsync(Refresh.All)).Seen.Checks;
        Assert.NotEmpty(checks);
        return checks;
    }

    private async Task ServedAsync() => Assert.All((await ObserveAsync()).Values, check => Assert.IsType<ServedCheck>(check));

    private string Secret()
    {
        var config = $$$"""{"auths":{"{{{host ?? under.Registry.Address}}}":{"username":"user","password":"{{{password}}}"} } }""";
        return $$$"""{"kind":"Secret","type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"{{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(config))}}}"} }""";
    }
}
