using System.Text;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Kubernetes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Namespaces with their own pull secrets for the same image: who may use what was read, and how often the registry is asked.</summary>
public sealed class ReadersTests : IAsyncLifetime
{
    private const string Good = "\"password\":\"password\"";

    // The registry looks at the password only: another credential that it accepts, too.
    private const string GoodToo = "\"password\":\"password\",\"identitytoken\":\"other\"";
    private const string Wrong = "\"password\":\"wrong\"";

    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);
    private ScriptedApi api = null!;
    private ClusterClient cluster = null!;

    public async ValueTask InitializeAsync()
    {
        // /api/v1/namespaces/NAME/secrets/regcred
        api = await ScriptedApi.StartAsync(context => secrets.TryGetValue(context.Request.Path.Value!.Split('/')[4], out var secret)
            ? ScriptedApi.Json(secret)(context)
            : ScriptedApi.Status(404, "NotFound", "not found")(context));
        cluster = Connections.Client(api);
    }

    public async ValueTask DisposeAsync()
    {
        cluster.Dispose();
        await api.DisposeAsync();
    }

    [Fact]
    public async Task Observe_PublicImageOfTenThousandWorkloadsInFiveHundredNamespaces_IsRequestedOnce()
    {
        await using var under = await ObserverUnderTest.StartAsync(cluster: cluster);
        under.Registry.PushImage("app", "latest", "first");
        for (var i = 0; i < 10_000; i++)
            Add(under, $"ns-{i % 500}", $"{Good},\"identitytoken\":\"{i % 500}\"", $"web-{i}");

        var (seen, asked) = await under.ObserveAsync(Refresh.Due);

        Assert.Single(asked);
        Assert.Equal(Reader.Shared, Assert.Single(seen.Checks).Key.Reader);
        Assert.Single(await under.Store.Observing.LoadImagesAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(RegistryAuth.Basic, Good, Good, 1)]
    [InlineData(RegistryAuth.Bearer, Good, Good, 1)]
    [InlineData(RegistryAuth.Basic, Good, GoodToo, 2)]
    public async Task Observe_PrivateImage_IsRequestedOnceForEachCredential(RegistryAuth auth, string one, string other, int expected)
    {
        await using var under = await PrivateAsync(auth);
        Add(under, "a", one);
        Add(under, "b", other);
        Add(under, "b", other, "more");

        foreach (var refresh in (Refresh[])[Refresh.All, Refresh.Due])
        {
            var seen = (await under.ObserveAsync(refresh)).Seen;

            Assert.Equal(expected, Authorized(under));
            Assert.Equal(["a", "b"], seen.Checks.Values.Select(check => Assert.IsType<ServedCheck>(check).Reader.Namespace).Order());

            // Those with the same credentials stay due together.
            under.Clock.Advance(TimeSpan.FromMinutes(6));
        }
    }

    /// <summary>As the kubelet does since it verifies pull credentials: that another namespace can pull an image says nothing.</summary>
    [Theory]
    [InlineData(RegistryAuth.Basic, null)]
    [InlineData(RegistryAuth.Bearer, null)]
    [InlineData(RegistryAuth.Basic, Wrong)]
    [InlineData(RegistryAuth.Bearer, Wrong)]
    public async Task Observe_OneNamespaceMayNotReadTheImage_DoesNotLearnWhatAnotherReads(RegistryAuth auth, string? credential)
    {
        await using var under = await PrivateAsync(auth);
        Add(under, "a", Good);
        Add(under, "b", credential);

        var seen = (await under.ObserveAsync(Refresh.All)).Seen;

        Assert.IsType<ServedCheck>(seen.Checks.For(under.Image("app"), "a"));
        var refused = Assert.IsType<FailedCheck>(seen.Checks.For(under.Image("app"), "b"));
        Assert.True(refused.Failure.MayDependOnCredential);
        Assert.DoesNotContain("a/regcred", refused.Failure.Message);
        Assert.DoesNotContain(seen.ServedSince, since => since.Key.Reader != new Reader("a"));
    }

    [Fact]
    public async Task Observe_SecretIsRotated_TheImageIsNotNew()
    {
        await using var under = await PrivateAsync(RegistryAuth.Basic);
        Add(under, "a", Good);
        await under.ObserveAsync(Refresh.All);
        var before = Assert.Single(await under.Store.Observing.LoadImagesAsync(CancellationToken.None));

        secrets["a"] = Secret(under, GoodToo);
        under.Clock.Advance(TimeSpan.FromMinutes(6));
        var seen = (await under.ObserveAsync(Refresh.All)).Seen;

        var after = Assert.Single(await under.Store.Observing.LoadImagesAsync(CancellationToken.None));
        Assert.Equal((before.Key, before.Value.LastChanged), (after.Key, after.Value.LastChanged));
        Assert.Equal(before.Value.LastChanged, seen.ServedSince[after.Key]);
        Assert.NotEqual(before.Value.LastChecked, after.Value.LastChecked);
        Assert.Single(await under.Store.Reporting.ObservationsOfAsync(after.Key, CancellationToken.None));
    }

    [Fact]
    public async Task Observe_NamespaceComesLater_IsNotKeptWaitingByARefusalOfAnother()
    {
        await using var under = await PrivateAsync(RegistryAuth.Basic);
        Add(under, "b", credential: null);
        Assert.IsType<FailedCheck>(Assert.Single((await under.ObserveAsync(Refresh.Due)).Seen.Checks).Value);
        Assert.Empty((await under.ObserveAsync(Refresh.Due)).Asked);

        Add(under, "a", Good);
        var (seen, asked) = await under.ObserveAsync(Refresh.Due);

        Assert.NotEmpty(asked);
        Assert.IsType<ServedCheck>(seen.Checks.For(under.Image("app"), "a"));
    }

    /// <summary>One GET for those with the same credentials, which Docker Hub would count; a failure is not another namespace's.</summary>
    [Fact]
    public async Task ReadServed_TwoNamespaces_ReadOnceAndAFailureIsTheReadersOwn()
    {
        await using var under = await PrivateAsync(RegistryAuth.Basic);
        Add(under, "a", Good);
        Add(under, "b", Good);
        Add(under, "c", Wrong);
        await under.ObserveAsync(Refresh.All);
        var digest = Digest.Parse(under.Registry.PushImage("app", "latest", "first"));
        under.Registry.Requests.Clear();

        Assert.Equal(RegistryFailureKind.Unauthorized, Assert.Single(await ReadAsync("c")).Value.Failure?.Kind);
        Assert.Equal([digest, digest], (await ReadAsync("a", "b")).Values.Select(answer => answer.Value?.Digest));
        Assert.Equal(1, Manifests());

        // What one has read answers for others that the digest was served to, without a request.
        Assert.Equal(digest, Assert.Single(await ReadAsync("d")).Value.Value?.Digest);
        Assert.Equal(1, Manifests());

        int Manifests() => under.Registry.Requests.All.Count(request => request.Method == "GET" && request.Path.Contains("/manifests/", StringComparison.Ordinal) && request.Authorization == Basic("password"));

        Task<IReadOnlyDictionary<ObservedImage, Core.Result<Manifest, RegistryFailure>>> ReadAsync(params string[] namespaces) => under.Manifests.ReadServedAsync(
            namespaces.ToDictionary(name => new ObservedImage(under.Image("app").AtDigest(digest), new Reader(name)), _ => under.Image("app")), under.Workloads, Refresh.Due, CancellationToken.None);
    }

    private static int Authorized(ObserverUnderTest under) => under.Registry.Requests.All.Count(request => request.Authorization is not null && request.Path.Contains("/manifests/", StringComparison.Ordinal));

    private static string Basic(string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"user:{password}"));

    private async Task<ObserverUnderTest> PrivateAsync(RegistryAuth auth)
    {
        var under = await ObserverUnderTest.StartAsync(sandbox: new SandboxRegistryOptions { Auth = auth }, cluster: cluster);
        under.Registry.PushImage("app", "latest", "first");
        return under;
    }

    private void Add(ObserverUnderTest under, string @namespace, string? credential, string name = "web")
    {
        if (credential is not null)
            secrets[@namespace] = Secret(under, credential);
        under.Workloads.Add(new WorkloadSnapshot
        {
            Key = new WorkloadKey(@namespace, WorkloadKind.Deployment, name),
            Uid = $"{@namespace}-{name}",
            ResourceVersion = "1",
            Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Annotations.Enabled] = "true" },
            Containers = [new ContainerSpec("app", under.Image("app").ToString(), under.Image("app"), "Always")],
            Status = new RolloutStatus { Generation = 1, ObservedGeneration = 1 },
            PullIdentity = new PullIdentity(@namespace, "default", credential is null ? [] : ["regcred"]),
        });
    }

    private static string Secret(ObserverUnderTest under, string credential)
    {
        var config = $$$"""{"auths":{"{{{under.Registry.Address}}}":{"username":"user",{{{credential}}}} } }""";
        return $$$"""{"kind":"Secret","type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(config))}}}"} }""";
    }
}
