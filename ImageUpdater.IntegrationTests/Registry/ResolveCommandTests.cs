using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class ResolveCommandTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Resolve_WithoutNamespace_NeedsNoCluster()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET " + ScriptedRegistry.Path, Reply.Content()));

        var result = await RunAsync(registry, "resolve", $"{registry.Host}/team/app");

        Assert.Equal("", result.Errors);
        Assert.Equal(
            [
                $"image        {registry.Host}/team/app:latest",
                $"digest       {ScriptedRegistry.ManifestDigest}",
                $"media type   {ScriptedRegistry.ManifestType}",
                $"answered by  {registry.Host}",
                "credential   anonymous",
            ],
            result.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Resolve_OwnMachineWithASystemProxy_IsAskedWithoutIt()
    {
        await using var registry = await ScriptedRegistry.StartAsync(Rule.For("GET " + ScriptedRegistry.Path, Reply.Content()));

        var result = await RunAsync(registry, [("http_proxy", "http://127.0.0.1:1")], "resolve", $"{registry.Host}/team/app");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
    }

    [Fact]
    public async Task Resolve_ServiceAccountWithoutNamespace_IsAnError()
    {
        await using var registry = await ScriptedRegistry.StartAsync();

        var result = await RunAsync(registry, "resolve", $"{registry.Host}/team/app", "--service-account", "app");

        Assert.Equal((1, "image-updater: --service-account requires --namespace"), (result.ExitCode, result.Errors.Trim()));
    }

    [Fact]
    public async Task Resolve_NoSuchServiceAccount_IsSaidAndTheImageAskedForAllTheSame()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("web", "one");

        var result = await world.RunAsync("resolve", world.Image("web"), "-n", world.Namespace, "--service-account", "nobody");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith($"image-updater: cannot read the pull secrets of service account {world.Namespace}/nobody: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("credential   anonymous", result.Output, StringComparison.Ordinal);
    }

    private Task<HostResult> RunAsync(ScriptedRegistry registry, params string[] arguments) => RunAsync(registry, [], arguments);

    private Task<HostResult> RunAsync(ScriptedRegistry registry, (string Name, string Value)[] environment, params string[] arguments)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOME"] = folder.Path,
            ["KUBECONFIG"] = "/nonexistent",
            ["ImageUpdater__Registries__0__Host"] = registry.Host,
            ["ImageUpdater__Registries__0__PlainHttp"] = "true",
        };
        foreach (var (name, value) in environment)
            all[name] = value;
        return HostProcess.RunAsync(arguments, all);
    }
}
