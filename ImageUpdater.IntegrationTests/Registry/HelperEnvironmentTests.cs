using ImageUpdater.Http;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>A credential program gets what it needs, and no passwords of other registries.</summary>
public sealed class HelperEnvironmentTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("ImageUpdater__Registries__0__Password", false)]
    [InlineData("IMAGEUPDATER__REGISTRIES__0__PASSWORD", false)]
    [InlineData("ImageUpdater:Registries:0:IdentityToken", false)]
    [InlineData("DOCKER_AUTH_CONFIG", false)]
    [InlineData("HOME", true)]
    [InlineData("PATH", true)]
    [InlineData("HTTPS_PROXY", true)]
    [InlineData("DOCKER_CONFIG", true)]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE", true)]
    [InlineData("GOOGLE_APPLICATION_CREDENTIALS", true)]
    [InlineData("AZURE_CLIENT_ID", true)]
    [InlineData("IMAGE_UPDATER_OF_SOMEBODY_ELSE", true)]
    public void Prepare_Variable_StaysUnlessItIsOurs(string name, bool stays)
    {
        var environment = new Dictionary<string, string?> { [name] = "value" };

        HelperProcess.Prepare(environment);

        Assert.Equal(stays, environment.ContainsKey(name));
        Assert.NotEmpty(environment[HelperProcess.Mark]!);
    }

    [Fact]
    public async Task Resolve_HelperAndPlugin_GetNoPasswordOfAnyRegistry()
    {
        Requirement.Linux();
        await using var registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Basic, User = "u", Password = "p" });
        registry.PushImage("app", "latest", "one");
        folder.WriteScript("docker-credential-one", $$"""env > {{folder.Path}}/helper; echo '{"Username":"u","Secret":"p"}'""");
        folder.Write("config.json", """{"credsStore":"one"}""");
        folder.WriteScript("plugins/other", $"env > {folder.Path}/plugin; exit 1");
        var config = folder.Write("plugins.yaml", $$"""
            apiVersion: kubelet.config.k8s.io/v1
            kind: CredentialProviderConfig
            providers:
              - {name: other, matchImages: ["{{registry.Address}}"], defaultCacheDuration: 10m, apiVersion: credentialprovider.kubelet.k8s.io/v1}
            """);
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}",
            ["DOCKER_CONFIG"] = folder.Path,
            ["AWS_REGION"] = "eu-west-1",
            ["ImageUpdater__CredentialProviders__Config"] = config,
            ["ImageUpdater__CredentialProviders__BinDir"] = Path.Combine(folder.Path, "plugins"),
            ["ImageUpdater__Registries__0__Host"] = registry.Address,
            ["ImageUpdater__Registries__0__PlainHttp"] = "true",
            ["ImageUpdater__Registries__1__Host"] = "other.example.com",
            ["ImageUpdater__Registries__1__Username"] = "somebody",
            ["ImageUpdater__Registries__1__Password"] = "marker-pass-4c1e",
        };

        var resolved = await HostProcess.RunAsync(["resolve", registry.Reference("app")], environment);

        Assert.True(resolved.ExitCode == 0, resolved.ToString());
        foreach (var program in (string[])["helper", "plugin"])
        {
            var given = await File.ReadAllTextAsync(Path.Combine(folder.Path, program));
            Assert.DoesNotContain("marker-pass-4c1e", given, StringComparison.Ordinal);
            Assert.DoesNotContain("ImageUpdater__", given, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("AWS_REGION=eu-west-1", given, StringComparison.Ordinal);
        }
    }
}
