using ImageUpdater.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>A kubeconfig file, or several merged. As in kubectl, the first file that has an entry wins.</summary>
internal sealed class KubeConfig
{
    private const string ExecExtension = "client.authentication.k8s.io/exec";

    private readonly Dictionary<string, ClusterEntry> clusters = [];
    private readonly Dictionary<string, UserEntry> users = [];
    private readonly Dictionary<string, ContextEntry> contexts = [];

    public string? CurrentContext { get; private set; }

    public IReadOnlyDictionary<string, ClusterEntry> Clusters => clusters;

    public IReadOnlyDictionary<string, UserEntry> Users => users;

    public IReadOnlyDictionary<string, ContextEntry> Contexts => contexts;

    public bool IsEmpty => CurrentContext is null && clusters.Count == 0 && users.Count == 0 && contexts.Count == 0;

    public static KubeConfig Merge(IEnumerable<KubeConfig> files)
    {
        var merged = new KubeConfig();
        foreach (var file in files)
        {
            merged.CurrentContext ??= file.CurrentContext;
            foreach (var (name, cluster) in file.clusters)
                merged.clusters.TryAdd(name, cluster);
            foreach (var (name, user) in file.users)
                merged.users.TryAdd(name, user);
            foreach (var (name, context) in file.contexts)
                merged.contexts.TryAdd(name, context);
        }

        return merged;
    }

    /// <param name="path">Path of the file. Relative paths in it are relative to its folder.</param>
    public static Result<KubeConfig, string> Parse(string text, string path)
    {
        var stream = new YamlStream();
        try
        {
            if (YamlShape.Refusal(text) is { } refusal)
                return $"kubeconfig '{path}' {refusal}";
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            return $"kubeconfig '{path}' is not valid YAML at line {exception.Start.Line}: {UntrustedText.Bound(exception.Message)}";
        }
        catch (Exception exception) when (YamlShape.IsAboutText(exception))
        {
            return $"kubeconfig '{path}' is not valid YAML";
        }

        var config = new KubeConfig();
        if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is YamlScalarNode { Value: null or "" })
            return config;
        if (stream.Documents[0].RootNode is not YamlMappingNode root)
            return $"'{path}' is not a kubeconfig: it is not a YAML mapping";

        config.Read(new YamlMap(root), Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/");
        return config;
    }

    private void Read(YamlMap root, string folder)
    {
        CurrentContext = root.Text("current-context");
        foreach (var (name, item) in Named(root, "clusters"))
            clusters.TryAdd(name, ReadCluster(name, item.Map("cluster"), folder));
        foreach (var (name, item) in Named(root, "users"))
            users.TryAdd(name, ReadUser(name, item.Map("user"), folder));
        foreach (var (name, item) in Named(root, "contexts"))
        {
            var context = item.Map("context");
            contexts.TryAdd(name, new ContextEntry(name, context.Text("cluster"), context.Text("user"), context.Text("namespace")));
        }
    }

    private static IEnumerable<(string Name, YamlMap Item)> Named(YamlMap root, string key) =>
        root.Maps(key).Where(item => item.Text("name") is not null).Select(item => (item.Text("name")!, item));

    private static ClusterEntry ReadCluster(string name, YamlMap cluster, string folder) => new(name)
    {
        Server = cluster.Text("server"),
        CertificateAuthority = Absolute(cluster.Text("certificate-authority"), folder),
        CertificateAuthorityData = cluster.Text("certificate-authority-data"),
        InsecureSkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
        TlsServerName = cluster.Text("tls-server-name"),
        ProxyUrl = cluster.Text("proxy-url"),
        ExecConfig = cluster.Maps("extensions").Where(item => item.Text("name") == ExecExtension)
            .Select(item => item.Json("extension")).FirstOrDefault(),
    };

    private static UserEntry ReadUser(string name, YamlMap user, string folder) => new(name)
    {
        ClientCertificate = Absolute(user.Text("client-certificate"), folder),
        ClientCertificateData = user.Text("client-certificate-data"),
        ClientKey = Absolute(user.Text("client-key"), folder),
        ClientKeyData = user.Text("client-key-data"),
        Token = user.Text("token"),
        TokenFile = Absolute(user.Text("tokenFile"), folder),
        Username = user.Text("username"),
        Password = user.Text("password"),
        HasAuthProvider = user.Has("auth-provider"),
        Exec = user.Map("exec") is var exec && exec.Text("command") is { } command ? ReadExec(command, exec, folder) : null,
        Impersonation = new Impersonation(
            user.Text("as"), user.Text("as-uid"), user.Texts("as-groups"), user.Map("as-user-extra").TextLists()),
    };

    private static ExecSettings ReadExec(string command, YamlMap exec, string folder) => new()
    {
        // As in kubectl, a bare name is searched in PATH; a command with a slash is relative to the kubeconfig.
        Command = command.AsSpan().ContainsAny('/', '\\') ? Absolute(command, folder)! : command,
        ApiVersion = exec.Text("apiVersion"),
        Arguments = exec.Texts("args"),
        Environment = [.. exec.Maps("env").Where(item => !string.IsNullOrEmpty(item.Text("name")))
            .Select(item => KeyValuePair.Create(item.Text("name")!, item.Text("value") ?? ""))],
        InteractiveMode = exec.Text("interactiveMode"),
        ProvideClusterInfo = exec.Flag("provideClusterInfo"),
        InstallHint = exec.Text("installHint"),
    };

    private static string? Absolute(string? path, string folder) => path is null ? null : Path.GetFullPath(path, folder);
}
