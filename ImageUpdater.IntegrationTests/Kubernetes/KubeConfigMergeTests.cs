using ImageUpdater.Kubernetes.Connection;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class KubeConfigMergeTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Load_SeveralFiles_FirstWinsAndTheRestIsAdded()
    {
        var first = folder.Write("first", """
            current-context: work
            clusters: [{name: c, cluster: {server: "https://first"}}]
            """);
        var second = folder.Write("second", """
            current-context: home
            clusters: [{name: c, cluster: {server: "https://second"}}]
            users: [{name: u, user: {token: from-second}}]
            contexts: [{name: work, context: {cluster: c, user: u, namespace: second}}]
            """);

        var connection = Connections.Require(Load(first, second));

        Assert.Equal("first", connection.Endpoint.Server.Host);
        Assert.Equal("from-second", connection.User.Token);
        Assert.Equal("second", connection.Namespace);
    }

    [Fact]
    public void Load_RelativePaths_StartFromTheirOwnFile()
    {
        var first = folder.Write("a/config", """
            current-context: x
            users: [{name: u, user: {tokenFile: secrets/token, exec: {command: ../bin/plugin, apiVersion: client.authentication.k8s.io/v1}}}]
            """);
        var second = folder.Write("b/config", """
            clusters: [{name: c, cluster: {server: "https://h", certificate-authority: ca.crt}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """);
        folder.Write("b/ca.crt", new TestAuthority().Pem);

        var connection = Connections.Require(Load(first, second));

        Assert.Equal(Path.Combine(folder.Path, "a/secrets/token"), connection.User.TokenFile);
        Assert.Equal(Path.Combine(folder.Path, "bin/plugin"), connection.User.Exec!.Command);
        Assert.Single(connection.Endpoint.Roots!);
    }

    [Fact]
    public void Load_OneOfSeveralIsMissingOrEmpty_IsPassedOver()
    {
        var empty = folder.Write("empty", "");
        var good = folder.Write("good", Connections.Yaml(new Uri("https://good")));

        Assert.Equal("good", Connections.Require(Load(Missing, empty, good)).Endpoint.Server.Host);
    }

    [Fact]
    public void Load_OneOfSeveralIsMalformed_Fails()
    {
        var bad = folder.Write("bad", "a: [");
        var good = folder.Write("good", Connections.Yaml(new Uri("https://good")));

        Assert.Contains("is not valid YAML", Load(good, bad).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TheOnlyOneIsMissing_SaysSo() =>
        Assert.Equal($"kubeconfig '{Missing}' does not exist (named by KUBECONFIG)", Load(Missing).Failure);

    [Fact]
    public void Load_AllOfSeveralAreMissing_SaysSo() =>
        Assert.StartsWith("all files listed in KUBECONFIG are missing or empty: ", Load(Missing, Missing + "2").Failure, StringComparison.Ordinal);

    private string Missing => Path.Combine(folder.Path, "missing");

    private static Core.Result<KubernetesConnection, string> Load(params string[] files) =>
        KubernetesConnection.Load(null, null, Connections.Environment(("KUBECONFIG", string.Join(Path.PathSeparator, files))));
}
