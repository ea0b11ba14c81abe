using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Web;

namespace ImageUpdater.IntegrationTests.Cluster;

/// <summary>The README's steps on a real K3s: install the chart with the built image, annotate, push, and read the audit.</summary>
[Collection(DockerEngine.Name)]
public sealed class K3sTests(DockerEngine engine)
{
    private const string Release = "image-updater";

    [Fact]
    public async Task Chart_InstalledOnK3s_RestartsWhatWasPushedAndKeepsItsStateOverAnUpgrade()
    {
        engine.Require();
        if (Requirement.Find("helm") is null)
            Requirement.Skip("k3s", "helm is not on the PATH");

        await using var cluster = await K3sCluster.StartAsync(engine);
        var image = await ImageAsync();
        await cluster.LoadAsync(image);
        await HelmAsync(cluster, image);
        await cluster.Registry.PushAsync("web:latest", "one");

        await cluster.KubectlAsync("create", "deployment", "web", $"--image={cluster.Registry.Host}/web:latest");
        await cluster.KubectlAsync("rollout", "status", "deployment/web", "--timeout=120s");
        await cluster.KubectlAsync("annotate", "deployment", "web", "image-updater.eznix86.github.io/enabled=true");
        await UntilAsync(cluster, "it is adopted", "deployment/web", "state", "list");
        Assert.DoesNotContain("restarted", await OperatorAsync(cluster, "history"), StringComparison.Ordinal);

        await cluster.Registry.PushAsync("web:latest", "two");
        await UntilAsync(cluster, "it is rolled out", "rollout succeeded", "history");
        Assert.Contains("Restarted", await cluster.KubectlAsync("get", "events", "--output", "custom-columns=REASON:.reason"), StringComparison.Ordinal);

        // Like an upgrade: a new pod with the same volume.
        await cluster.KubectlAsync("--namespace", Release, "rollout", "restart", $"deployment/{Release}");
        await cluster.KubectlAsync("--namespace", Release, "rollout", "status", $"deployment/{Release}", "--timeout=120s");
        Assert.Contains("rollout succeeded", await OperatorAsync(cluster, "history"), StringComparison.Ordinal);
        Assert.Contains("clean", await OperatorAsync(cluster, "state", "check"), StringComparison.Ordinal);
    }

    private async Task<string> ImageAsync()
    {
        if (Environment.GetEnvironmentVariable("IMAGE_UPDATER_TEST_IMAGE") is { Length: > 0 } built)
            return built;

        const string Image = "image-updater:k3s-test";
        var (code, said) = await engine.Cli.BuildAsync(Image, RepositoryRoot.Find());
        if (code != 0 && said.Contains("buildx component is missing", StringComparison.Ordinal))
            Requirement.Skip("k3s", "docker has no BuildKit, which the Dockerfile needs: install docker-buildx, or name an image by IMAGE_UPDATER_TEST_IMAGE");
        Assert.True(code == 0, said);
        return Image;
    }

    private static Task<string> HelmAsync(K3sCluster cluster, string image)
    {
        var colon = image.LastIndexOf(':');
        return Command.RunAsync(
            "helm", "install", Release, Path.Combine(RepositoryRoot.Find(), "helm", "image-updater"), "--kubeconfig", cluster.Kubeconfig,
            "--namespace", Release, "--create-namespace", "--wait", "--timeout", "3m",
            "--set", $"image.repository=docker.io/library/{image[..colon]}", "--set", $"image.tag={image[(colon + 1)..]}", "--set", "image.pullPolicy=Never",
            "--set", "checkInterval=10", "--set", $"registries[0].host={cluster.Registry.Host}", "--set", "registries[0].plainHttp=true");
    }

    private static Task<string> OperatorAsync(K3sCluster cluster, params string[] command) =>
        cluster.KubectlAsync(["--namespace", Release, "exec", $"deployment/{Release}", "--", "image-updater", .. command]);

    private static Task UntilAsync(K3sCluster cluster, string what, string expected, params string[] command)
    {
        var last = "";
        return Eventually.HoldsAsync(
            what, async () => (last = await OperatorAsync(cluster, command)).Contains(expected, StringComparison.Ordinal), () => last);
    }
}
