using System.Text;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.Cluster;

/// <summary>Tests the container helpers that the cluster tests use, with images that need no pull.</summary>
[Collection(DockerEngine.Name)]
public sealed class ContainerTests(DockerEngine engine)
{
    private const string Busybox = "image-updater-test/busybox:local";

    [Fact]
    public async Task Container_OfALocalImage_RunsCommandsAndTakesFiles()
    {
        engine.Require();
        await engine.Images.ImportBusyboxAsync(Busybox);
        await using var container = engine.Container(Busybox).Build();
        await container.StartAsync();

        Assert.Equal((0, "hello\n"), await ExecAsync("echo", "hello"));
        Assert.Equal((3, ""), await ExecAsync("sh", "-c", "exit 3"));

        await container.CopyAsync("data"u8.ToArray(), "/tmp/data");
        Assert.Equal("data", Encoding.UTF8.GetString(await container.ReadFileAsync("/tmp/data")));

        async Task<(long? Code, string Output)> ExecAsync(params string[] command)
        {
            var result = await container.ExecAsync(command);
            return (result.ExitCode, result.Stdout);
        }
    }

    [Fact]
    public async Task Registry_InItsNetwork_ServesWhatWasPushedToItsPublishedPort()
    {
        engine.Require();
        await using var registry = await RegistryContainer.StartAsync(engine);
        await registry.PushAsync("web:latest", "one");
        var first = await DigestAsync(registry);
        await registry.PushAsync("web:latest", "two");
        Assert.NotEqual(first, await DigestAsync(registry));

        await engine.Images.ImportBusyboxAsync(Busybox);
        await using var other = engine.Container(Busybox).WithNetwork(registry.Network).Build();
        await other.StartAsync();
        foreach (var host in (string[])[registry.Host, $"{RegistryContainer.Alias}:{RegistryContainer.Port}"])
        {
            var tags = await other.ExecAsync(["wget", "-q", "-O", "-", $"http://{host}/v2/web/tags/list"]);
            Assert.Equal("""{"name":"web","tags":["latest"]}""", tags.Stdout.Trim());
        }
    }

    private static async Task<string> DigestAsync(RegistryContainer registry)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Head, $"http://{registry.PublishedHost}/v2/web/manifests/latest");
        request.Headers.Accept.ParseAdd("application/vnd.docker.distribution.manifest.v2+json");
        using var response = await http.SendAsync(request);
        return Assert.Single(response.Headers.GetValues("Docker-Content-Digest"));
    }
}
