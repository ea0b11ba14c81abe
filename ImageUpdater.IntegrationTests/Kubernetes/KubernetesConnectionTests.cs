using ImageUpdater.Kubernetes.Connection;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class KubernetesConnectionTests
{
    private static string TestData(string name) => Path.Combine(AppContext.BaseDirectory, "TestData", "kubeconfig", name);

    [Fact]
    public void Load_FullFile_ReadsEveryField()
    {
        var connection = Connections.Require(KubernetesConnection.Load(TestData("full.yaml"), context: null, Connections.NoEnvironment));

        Assert.Equal("https://dev.example:6443/", connection.Endpoint.Server.AbsoluteUri);
        Assert.Equal("api.internal", connection.Endpoint.ServerName);
        Assert.True(connection.Endpoint.SkipVerification);
        Assert.Equal("proxy.example:3128", connection.Endpoint.Proxy.For(connection.Endpoint.Server));
        Assert.Equal("team-a", connection.Namespace);
        Assert.Equal("dev-token", connection.User.Token);
        Assert.Equal("context 'dev' (cluster 'dev-cluster' at https://dev.example:6443/, user 'admin')", connection.DisplayName);
    }

    [Theory]
    [InlineData("full.yaml", "other", "https://rancher.example/k8s/clusters/c-1", "default", "none")]
    [InlineData("full.yaml", "anonymous", "https://rancher.example/k8s/clusters/c-1", "default", "anonymous")]
    [InlineData("bare.json", null, "http://127.0.0.1:8001/", "default", "anonymous")]
    public void Load_Context_IsFollowed(string file, string? context, string server, string @namespace, string user)
    {
        var connection = Connections.Require(KubernetesConnection.Load(TestData(file), context, Connections.NoEnvironment));

        Assert.Equal((server, @namespace, user), (connection.Endpoint.Server.AbsoluteUri, connection.Namespace, connection.User.Name));
    }

    [Theory]
    [InlineData("missing.yaml", null, "missing.yaml' does not exist (given by --kubeconfig)")]
    [InlineData("empty.yaml", null, "empty.yaml' is empty (given by --kubeconfig)")]
    [InlineData(".", null, "is a folder, not a file (given by --kubeconfig)")]
    [InlineData("malformed.yaml", null, "malformed.yaml' is not valid YAML at line")]
    [InlineData("list.yaml", null, "list.yaml' is not a kubeconfig: it is not a YAML mapping")]
    [InlineData("no-current-context.yaml", null, "the kubeconfig has no current-context; pass --context, or run kubectl config use-context")]
    [InlineData("full.yaml", "prod", "the kubeconfig has no context 'prod'; available: anonymous, dev, no-such-cluster, no-such-user, other")]
    [InlineData("full.yaml", "no-such-cluster", "names cluster 'gone', which is not in the kubeconfig; available: dev-cluster, other")]
    [InlineData("full.yaml", "no-such-user", "names user 'gone', which is not in the kubeconfig; available: admin, none")]
    public void Load_FileThatCannotBeUsed_SaysWhy(string file, string? context, string message)
    {
        var result = KubernetesConnection.Load(TestData(file), context, Connections.NoEnvironment);

        Assert.Contains(message, result.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server: not-an-address", "", "cluster 'c' has an invalid server 'not-an-address'; use a URL such as https://host:6443")]
    [InlineData("server: 'ftp://h'", "", "cluster 'c' has an invalid server")]
    [InlineData("", "", "cluster 'c' has an invalid server ''")]
    [InlineData("server: 'https://h', proxy-url: 'ftp://p'", "", "the proxy-url of cluster 'c' must start with http://, https:// or socks5://")]
    [InlineData("server: 'https://h', certificate-authority-data: '***'", "", "the certificate-authority-data of cluster 'c' is not base64")]
    [InlineData("server: 'https://h', certificate-authority-data: 'eA=='", "", "the certificate authority of cluster 'c' contains no PEM certificate")]
    [InlineData("server: 'https://h', certificate-authority: gone.crt", "", "the certificate-authority file of cluster 'c' can't be used: '")]
    [InlineData(
        "server: 'https://h', certificate-authority: x, insecure-skip-tls-verify: true",
        "",
        "cluster 'c' has both a certificate authority and insecure-skip-tls-verify; remove one of them")]
    [InlineData("server: 'https://h'", "client-certificate-data: 'eA=='", "user 'u' has a client-certificate but no client-key")]
    [InlineData("server: 'https://h'", "client-key-data: 'eA=='", "user 'u' has a client-key but no client-certificate")]
    [InlineData("server: 'https://h'", "client-key-data: 'eA==', client-certificate-data: 'eA=='", "the client certificate of user 'u' contains no PEM certificate")]
    [InlineData("server: 'https://h'", "client-key: gone.key, client-certificate-data: 'eA=='", "the client-key file of user 'u' can't be used: '")]
    [InlineData("server: 'https://h'", "auth-provider: {name: gcp}", "user 'u' uses an auth-provider, which Kubernetes removed in 1.26")]
    [InlineData("server: 'https://h'", "as-groups: [a]", "user 'u' has as-uid, as-groups or as-user-extra without as")]
    [InlineData("server: 'https://h'", "as: me, as-user-extra: {a: [\"b\\nImpersonate-Group: c\"]}", "user 'u' has a line break or control character in as, as-uid, as-groups or as-user-extra")]
    [InlineData("server: 'https://h'", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", "supported are client.authentication.k8s.io/v1 and v1beta1")]
    [InlineData("server: 'https://h'", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Perhaps}", "has an invalid interactiveMode; use Never, IfAvailable or Always")]
    public void Load_EntryThatCannotBeUsed_SaysWhy(string cluster, string user, string message)
    {
        using var folder = new TestFolder();
        var path = folder.Write("config", $$$"""
            current-context: x
            clusters: [{name: c, cluster: { {{{cluster}}} }}]
            users: [{name: u, user: { {{{user}}} }}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """);

        var result = KubernetesConnection.Load(path, context: null, Connections.NoEnvironment);

        Assert.Contains(message, result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_KeyOfAnotherCertificate_SaysSo()
    {
        using var one = System.Security.Cryptography.ECDsa.Create();
        using var other = System.Security.Cryptography.ECDsa.Create();
        var certificate = TestAuthority.Base64(new TestAuthority().Client("me", one).ExportCertificatePem());
        var key = TestAuthority.Base64(other.ExportPkcs8PrivateKeyPem());

        using var folder = new TestFolder();
        var user = $"client-certificate-data: {certificate}, client-key-data: {key}";
        var path = folder.Write("config", Connections.Yaml(new Uri("https://h"), user: user));
        var result = KubernetesConnection.Load(path, context: null, Connections.NoEnvironment);

        Assert.Contains("the client key of user 'u' can't be used with its certificate: ", result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NothingAnywhere_SaysWhereToPutIt()
    {
        using var home = new TestFolder();
        var result = KubernetesConnection.Load(null, null, Connections.Environment(("HOME", home.Path), ("KUBECONFIG", "")));

        Assert.Equal("no cluster configuration found; pass --kubeconfig, set KUBECONFIG, or run in a cluster", result.Failure);
    }

    [Fact]
    public void Load_SeveralPlaces_TakesTheFirstOfTheOrder()
    {
        using var folder = new TestFolder();
        var asked = folder.Write("asked", Connections.Yaml(new Uri("https://asked")));
        var listed = folder.Write("listed", Connections.Yaml(new Uri("https://listed")));
        folder.Write(".kube/config", Connections.Yaml(new Uri("https://home")));
        var account = Path.Combine(folder.Path, "account");
        folder.Write("account/token", "pod-token");
        folder.Write("account/ca.crt", new TestAuthority().Pem);
        (string, string) home = ("HOME", folder.Path), host = ("KUBERNETES_SERVICE_HOST", "10.0.0.1"), port = ("KUBERNETES_SERVICE_PORT", "443");

        string? HostOf(string? path, string? context, params (string, string)[] variables) =>
            KubernetesConnection.Load(path, context, Connections.Environment(variables), account).Value?.Endpoint.Server.Host;

        Assert.Equal("asked", HostOf(asked, null, ("KUBECONFIG", listed), home, host, port));
        Assert.Equal("listed", HostOf(null, null, ("KUBECONFIG", listed), home, host, port));
        Assert.Equal("10.0.0.1", HostOf(null, null, home, host, port));
        Assert.Equal("home", HostOf(null, null, home));
        Assert.Equal("home", HostOf(null, "test", home, host, port));
    }

    [Fact]
    public void Load_InCluster_ReadsTheMountedFolder()
    {
        using var folder = new TestFolder();
        folder.Write("token", "pod-token\n");
        folder.Write("namespace", "team-b");
        folder.Write("ca.crt", new TestAuthority().Pem);
        var environment = Connections.Environment(("KUBERNETES_SERVICE_HOST", "fd00::1"), ("KUBERNETES_SERVICE_PORT", "6443"));

        var connection = Connections.Require(KubernetesConnection.Load(null, null, environment, folder.Path));

        Assert.Equal("https://[fd00::1]:6443/", connection.Endpoint.Server.AbsoluteUri);
        Assert.Equal("team-b", connection.Namespace);
        Assert.Single(connection.Endpoint.Roots!);
        Assert.Equal(Path.Combine(folder.Path, "token"), connection.User.TokenFile);
    }

    [Fact]
    public void Load_InClusterWithoutToken_SaysWhatToSet()
    {
        using var folder = new TestFolder();
        var environment = Connections.Environment(("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("KUBERNETES_SERVICE_PORT", "443"));

        var result = KubernetesConnection.Load(null, null, environment, folder.Path);

        Assert.Equal($"this pod has no token in '{folder.Path}'; set automountServiceAccountToken, or pass --kubeconfig", result.Failure);
    }
}
