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
            "The registries that need something said about them. One that is not listed is asked over HTTPS with the defaults, or with those of the entry `*`.", Registry);
        foreach (var problem in RegistryProblems.Of(registries))
            source.Problem(problem);
        return [.. registries.Select(registry => registry.Entry)];
    }

    private static RegistryOptions Registry(OptionSource source) => Endpoint(source, new RegistryOptions
    {
        Host = source.ReadOrNone(
            "Host", OptionKinds.Text("host and port"), "required", "As image references name it: `registry.example.com:5000`, `docker.io`; no scheme, no path. `*`: all registries without an entry.") ?? "",
        Alias = source.ReadOrNone("Alias", OptionKinds.Text("host, port and path"), "`Host`", "Where its API really is; no scheme."),
        PlainHttp = source.Read("PlainHttp", OptionKinds.Flag, "false", "Ask over HTTP. Anyone on the way can read and change everything."),
        Interval = source.ReadOrNone("Interval", OptionKinds.SpanOrNone with { Limits = $"{OptionKinds.Span.Limits}; 1 second to 7 days" }, "`CheckInterval`", "Between two checks of an image of this registry."),
        Mirrors = source.List("Mirrors", "An entry of Mirrors", "Asked in their order, before the registry itself.", Mirror).Select(mirror => mirror.Entry).ToArray(),
    });

    private static RegistryMirror Mirror(OptionSource source) => Endpoint(source, new RegistryMirror
    {
        Url = source.ReadOrNone(
            "Url", OptionKinds.Text("address"), "required", "Of its API: `https://mirror.example.com`, `http://10.0.0.5:5000/v2/docker-hub`. A path takes the place of `/v2`.") ?? "",
    });

    private static T Endpoint<T>(OptionSource source, T endpoint)
        where T : EndpointOptions => (T)(endpoint with
        {
            CaFile = source.ReadOrNone("CaFile", Path, "none", "Certificates to trust besides the system's, PEM or DER; read at the start. Not without TLS."),
            ClientCertificateFile = source.ReadOrNone("ClientCertificateFile", Path, "none", "PEM, shown to this host only. Not without TLS."),
            ClientKeyFile = source.ReadOrNone("ClientKeyFile", Path, "none", "Its key: PEM, not encrypted."),
            InsecureSkipVerify = source.Read("InsecureSkipVerify", OptionKinds.Flag, "false", "Take any certificate from this host, so that anyone on the way can be it."),
            Proxy = source.ReadOrNone("Proxy", OptionKinds.Text("address, or `none`"), "the system's", "`http://`, `https://` or `socks5://` with host and port, or `none` for no proxy at all."),
            Username = source.ReadOrNone("Username", OptionKinds.Text("text"), "none", "An account of this host, tried after the pull secrets."),
            Password = source.ReadOrNone("Password", OptionKinds.Secret, "none", "The account's."),
            IdentityToken = source.ReadOrNone("IdentityToken", OptionKinds.Secret, "none", "Instead of an account: exchanged for tokens."),
            TokenHosts = source.Texts("TokenHosts", "Names of token servers that may have a private address which is not the registry's own."),
            MaxConcurrency = source.Read("MaxConcurrency", OptionKinds.Whole(min: 1, max: 64), $"{EndpointOptions.DefaultConcurrency}", "Requests at once, those to its token server included."),
            Timeout = source.Read("Timeout", OptionKinds.Span with { Limits = $"{OptionKinds.Span.Limits}; at most 10 minutes" }, $"{EndpointOptions.DefaultTimeout}", "For one request with its redirects and its body."),
        });
}
