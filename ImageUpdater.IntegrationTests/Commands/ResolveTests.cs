using System.Text;
using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed class ResolveTests : IDisposable
{
    private const string Password = "resolve-pass-5d1e";

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Resolve_SingleImage_ShowsDigestAndThatNobodyAsked()
    {
        await using var registry = await SandboxRegistry.StartAsync();
        var digest = registry.PushImage("team/app", "v1", "one");

        var result = await ResolveAsync(registry, registry.Reference("team/app", "v1"), config: "{ not json");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(
            $"image        {registry.Address}/team/app:v1\ndigest       {digest}\nmedia type   application/vnd.oci.image.manifest.v1+json\nanswered by  {registry.Address}\ncredential   anonymous\n",
            result.Output);

        // An unusable config.json must cause a warning; otherwise private images would fail without a hint.
        Assert.Equal($"image-updater: {Path.Combine(folder.Path, "config.json")} is not valid JSON and is ignored\n", result.Errors);
    }

    [Theory]
    [InlineData(RegistryAuth.Basic)]
    [InlineData(RegistryAuth.Bearer)]
    public async Task Resolve_PrivateIndex_ShowsPlatformsAndWhereTheCredentialIsFrom(RegistryAuth auth)
    {
        await using var registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Auth = auth, User = "kim", Password = Password });
        var digest = registry.PushIndex("team/app", "latest", [new("linux/amd64", "a"), new("linux/arm64", "b")], attestation: "who built it");

        var result = await ResolveAsync(registry, registry.Reference("team/app"), Config(registry, Password), "--verbose");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains($"digest       {digest}\n", result.Output);
        Assert.Contains($"credential   {Path.Combine(folder.Path, "config.json")}\n", result.Output);
        Assert.Contains($"  linux/amd64      {registry.ChildDigestOf("team/app", "latest", "linux/amd64")}\n", result.Output);
        Assert.Contains($"  linux/arm64      {registry.ChildDigestOf("team/app", "latest", "linux/arm64")}\n", result.Output);
        Assert.DoesNotContain("unknown", result.Output);
        Assert.Contains("manifests/latest answered 200", result.Errors);
        AssertNoPassword(result);
    }

    [Fact]
    public async Task Resolve_WrongPassword_SaysWhatWasTried()
    {
        await using var registry = await SandboxRegistry.StartAsync(new SandboxRegistryOptions { Auth = RegistryAuth.Basic, User = "kim" });
        registry.PushImage("team/app", "latest", "one");

        var result = await ResolveAsync(registry, registry.Reference("team/app"), Config(registry, Password));

        Assert.Equal(
            $"{registry.Address} answered 401 Unauthorized for team/app:latest; tried: {Path.Combine(folder.Path, "config.json")}, anonymous",
            Message.Of(result));
        AssertNoPassword(result);
    }

    private static string Config(SandboxRegistry registry, string password) =>
        $$$"""{"auths":{"{{{registry.Address}}}":{"auth":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes($"kim:{password}"))}}}"} } }""";

    private static void AssertNoPassword(HostResult result)
    {
        foreach (var text in (string[])[Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"kim:{Password}")), "Basic ", "Bearer "])
        {
            Assert.DoesNotContain(text, result.Output);
            Assert.DoesNotContain(text, result.Errors);
        }
    }

    private Task<HostResult> ResolveAsync(SandboxRegistry registry, string image, string config, params string[] options)
    {
        folder.Write("config.json", config);
        return HostProcess.RunAsync(["resolve", image, .. options], new Dictionary<string, string?>
        {
            ["DOCKER_CONFIG"] = folder.Path,
            ["ImageUpdater__Registries__0__Host"] = registry.Address,
            ["ImageUpdater__Registries__0__PlainHttp"] = "true",
        });
    }
}
