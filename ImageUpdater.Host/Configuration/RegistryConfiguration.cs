using ImageUpdater.Registry;

namespace ImageUpdater.Host.Configuration;

/// <summary>Reads <see cref="RegistryOptions"/>: <c>Registries:0</c>, <c>Registries:1</c>…, each with its mirrors.</summary>
internal static class RegistryConfiguration
{
    private static readonly OptionKind<string> Path = OptionKinds.Text("path");

    public static IReadOnlyList<RegistryOptions> Read(OptionSource source)
    {
        var registries = source.List(
            "Registries", "An entry of Registries",
            "Registries with their own settings. A registry that is not listed is queried over HTTPS with the defaults, or with the settings of the entry `*`.", Registry);
        foreach (var problem in RegistryProblems.Of(registries))
            source.Problem(problem);
        return [.. registries.Select(registry => registry.Entry)];
    }

    private static RegistryOptions Registry(OptionSource source) => Endpoint(source, new RegistryOptions
    {
        Host = source.ReadOrNone(
            "Host", OptionKinds.Text("host and port"), "required", "The host as in image references, without scheme and path: `registry.example.com:5000`, `docker.io`. `*` stands for all registries without an entry.") ?? "",
        Alias = source.ReadOrNone("Alias", OptionKinds.Text("host, port and path"), "`Host`", "Address of its API if it differs from `Host`, without scheme."),
        PlainHttp = source.Read("PlainHttp", OptionKinds.Flag, "false", "Use HTTP. Traffic, including credentials, can be read and changed in transit."),
        Interval = source.ReadOrNone("Interval", OptionKinds.SpanOrNone with { Limits = $"{OptionKinds.Span.Limits}; 1 second to 7 days" }, "`CheckInterval`", "Time between two checks of an image of this registry."),
        Mirrors = source.List("Mirrors", "An entry of Mirrors", "Mirrors, queried in this order before the registry itself.", Mirror).Select(mirror => mirror.Entry).ToArray(),
    });

    private static RegistryMirror Mirror(OptionSource source) => Endpoint(source, new RegistryMirror
    {
        Url = source.ReadOrNone(
            "Url", OptionKinds.Text("address"), "required", "Address of its API: `https://mirror.example.com`, `http://10.0.0.5:5000/v2/docker-hub`. A path replaces `/v2`.") ?? "",
    });

    private static T Endpoint<T>(OptionSource source, T endpoint)
        where T : EndpointOptions => (T)(endpoint with
        {
            CaFile = source.ReadOrNone("CaFile", Path, "none", "Certificates to trust in addition to the system's, PEM or DER; read at startup. Requires TLS."),
            ClientCertificateFile = source.ReadOrNone("ClientCertificateFile", Path, "none", "Client certificate in PEM, presented to this host only. Requires TLS."),
            ClientKeyFile = source.ReadOrNone("ClientKeyFile", Path, "none", "Key of the client certificate, unencrypted PEM."),
            InsecureSkipVerify = source.Read("InsecureSkipVerify", OptionKinds.Flag, "false", "Accept any certificate from this host. Allows man-in-the-middle attacks."),
            Proxy = source.ReadOrNone("Proxy", OptionKinds.Text("address, or `none`"), "the system's", "`http://`, `https://` or `socks5://` with host and port, or `none` for no proxy."),
            Username = source.ReadOrNone("Username", OptionKinds.Text("text"), "none", "User name for this host, tried after the pull secrets."),
            Password = source.ReadOrNone("Password", OptionKinds.Secret, "none", "Password of `Username`."),
            IdentityToken = source.ReadOrNone("IdentityToken", OptionKinds.Secret, "none", "Identity token to use instead of `Username` and `Password`; it is exchanged for access tokens."),
            TokenHosts = source.Texts("TokenHosts", "Token servers that get the credentials although they are in another domain, and may have a private address."),
            MaxConcurrency = source.Read("MaxConcurrency", OptionKinds.Whole(min: 1, max: 64), $"{EndpointOptions.DefaultConcurrency}", "Maximum number of concurrent requests, including those to its token server."),
            Timeout = source.Read("Timeout", OptionKinds.Span with { Limits = $"{OptionKinds.Span.Limits}; at most 10 minutes" }, $"{EndpointOptions.DefaultTimeout}", "Timeout of one request, including redirects and the response body."),
        });
}
