using ImageUpdater.Kubernetes.Connection;
using k8s;
using k8s.Exceptions;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>A defect as in <see cref="LibraryGapsTests"/>. Runs alone, because the library reads the process's environment variable.</summary>
[Collection(nameof(LibraryKubeconfigListTests))]
[CollectionDefinition(nameof(LibraryKubeconfigListTests), DisableParallelization = true)]
public sealed class LibraryKubeconfigListTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly string? before = Environment.GetEnvironmentVariable("KUBECONFIG");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", before);
        folder.Dispose();
    }

    [Fact]
    public void Load_SeveralFiles_PassesOverAMissingOneAndReadsPathsFromWhereTheyAreWritten()
    {
        folder.Write("b/ca.crt", new TestAuthority().Pem);
        var first = folder.Write("a/config", "current-context: test\n");
        var second = folder.Write("b/config", Connections.Yaml(new Uri("https://api.example.com"), "certificate-authority: ca.crt").Replace("current-context: test\n", "", StringComparison.Ordinal));
        var list = $"{first}{Path.PathSeparator}{second}";

        Assert.True(LibraryRefuses(list), "KubernetesClient is mended upstream: it resolves paths against the file that holds them, and our reading can go");
        Assert.True(LibraryRefuses($"{Path.Combine(folder.Path, "none")}{Path.PathSeparator}{second}"), "KubernetesClient is mended upstream: it passes over missing files");

        list += $"{Path.PathSeparator}{Path.Combine(folder.Path, "none")}";
        var connection = Connections.Require(KubernetesConnection.Load(null, null, Connections.Environment(("KUBECONFIG", list))));
        Assert.Single(connection.Endpoint.Roots!);
    }

    private static bool LibraryRefuses(string list)
    {
        Environment.SetEnvironmentVariable("KUBECONFIG", list);
        return Record.Exception(KubernetesClientConfiguration.BuildDefaultConfig) is KubeConfigException or IOException;
    }
}
