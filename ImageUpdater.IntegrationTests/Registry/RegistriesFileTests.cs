using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Registry;
using Microsoft.Extensions.Configuration;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class RegistriesFileTests : IDisposable
{
    private const string Documented = """
        mirrors:
          docker.io:
            endpoint:
              - "https://mirror.example.com:5000"
              - https://registry-1.docker.io
            rewrite:
              "^rancher/(.*)": "mirrorproject/rancher-images/$1"
          registry.example.com:
            endpoint: ["http://registry.example.com"]
          "*":
            endpoint:
              - "http://192.168.1.100:5000/v2/any"
        configs:
          "mirror.example.com:5000":
            auth: {username: reader, password: 12345}
            tls: {insecure_skip_verify: true}
          docker.io:
            auth: {auth: "aHVi OnM=", username: ""}
          registry-1.docker.io:
            auth: {auth: "aHViOnMzY3JldA=="}
          localhost:5001:
            auth: {identity_token: s3cret}
            tls: {ca_file: /nonexistent}
        """;

    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Read_DocumentedFile_IsReadAsK3sReadsIt()
    {
        var file = Read(Documented).Value!;

        Assert.Equal(
            [
                @"docker.io as hub/s3cret via https://mirror.example.com:5000/v2/ as reader/12345 insecure ^rancher/(.*)->mirrorproject/rancher-images/$1",
                "registry.example.com plain",
                "* via http://192.168.1.100:5000/v2/any/",
                "mirror.example.com:5000 as reader/12345 insecure",
                "localhost:5001 plain as /s3cret",
            ],
            file.Registries.Select(Show));
        Assert.Equal("mirrorproject/rancher-images/coredns", file.Registries[0].Mirrors[0].RepositoryOf("rancher/coredns"));
        Assert.Equal("library/nginx", file.Registries[0].Mirrors[0].RepositoryOf("library/nginx"));
        Assert.Equal(["registries.yaml: unknown key 'configs.docker.io' is ignored."], file.Warnings.Select(WithoutFolder));
        Assert.Equal("registries.yaml, docker.io", file.Registries[0].Credential!.Origin);
    }

    // Each row: what K3s makes of the file, or containerd of the files that K3s writes.
    [Theory]
    [InlineData("mirrors: {docker.io: {endpoint: [m.example.com, docker.io]}}", "docker.io via https://m.example.com/v2/")]
    [InlineData("mirrors: {r.example.com: {endpoint: [docker.io]}}", "r.example.com via https://registry-1.docker.io/v2/")]
    [InlineData("mirrors: {'*': {endpoint: ['https://m']}, a.io: , b.io: {endpoint: ['https://b.io']}, c.io: {endpoint: ['http://c.io']}}",
        "* via https://m/v2/", "a.io via https://m/v2/", "b.io via https://m/v2/", "c.io plain")]
    [InlineData("{mirrors: {'*': {endpoint: ['https://m']}}, configs: {a.io: , b.io: {auth: {username: u, password: p}}, c.io: {tls: {insecure_skip_verify: yes}}, '*': {tls: {insecure_skip_verify: true}}}}",
        "* insecure via https://m/v2/", "a.io via https://m/v2/", "b.io as u/p", "c.io insecure")]
    [InlineData("mirrors: {a.io: {endpoint: ['https://a.io:443'], rewrite: {a: b}}}", "a.io via https://a.io/v2/ a->b")]
    [InlineData("mirrors: {a.io: {endpoint: ['https://a.io'], rewrite: {a: b}}}", "a.io")]
    [InlineData("mirrors: {a.io: {endpoint: ['http://a.io'], rewrite: {a: b}}}", "a.io plain via http://a.io/v2/ a->b")]
    [InlineData("mirrors: {'a.io:5000': {endpoint: ['http://a.io:5000']}}", "a.io:5000 plain")]
    [InlineData("mirrors: {a.io: {endpoint: ['https://a.io', 'https://m']}}", "a.io via https://a.io/v2/ via https://m/v2/")]
    [InlineData("configs: {a.io: {auth: {username: u, password: p, identity_token: t, auth: eDp5}}, b.io: {auth: {identity_token: t, auth: eDp5}}}", "a.io as u/p", "b.io as /t")]
    [InlineData("{x-all: &x {auth: {username: u, password: p}}, configs: {a.io: {<<: *x}, b.io: {<<: [*x, {auth: {username: no}}], tls: {insecure_skip_verify: on}}}}", "a.io as u/p", "b.io as u/p insecure")]
    public void Read_WhatTheDocumentationHasAsides_IsReadAsK3sReadsIt(string yaml, params string[] registries) =>
        Assert.Equal(registries, Read(yaml).Value!.Registries.Select(Show));

    /// <summary>As K3s writes containerd's files with this option.</summary>
    [Theory]
    [InlineData("mirrors: {a.io: {endpoint: ['https://m', 'https://n']}}", "a.io only via https://m/v2/ via https://n/v2/")]
    [InlineData("mirrors: {a.io: {endpoint: ['https://m', 'https://a.io'], rewrite: {a: b}}}", "a.io only via https://m/v2/ a->b via https://a.io/v2/ a->b")]
    [InlineData("mirrors: {a.io: , b.io: {endpoint: []}}", "a.io", "b.io")]
    [InlineData("{mirrors: {a.io: {endpoint: ['https://m']}}, configs: {a.io: {auth: {username: u, password: p}}, b.io: {tls: {insecure_skip_verify: true}}}}", "a.io as u/p via https://m/v2/", "b.io insecure")]
    [InlineData("mirrors: {'*': {endpoint: ['https://m']}, a.io: , b.io: {endpoint: ['https://b.io']}}", "* only via https://m/v2/", "a.io only via https://m/v2/", "b.io only via https://b.io/v2/")]
    public void Read_WithoutTheDefaultEndpoint_IsReadAsK3sReadsIt(string yaml, params string[] registries)
    {
        var options = OptionsReader.Read(Configuration(("RegistriesFile", folder.Write("registries.yaml", yaml)), ("DisableDefaultRegistryEndpoint", "true")));

        Assert.Equal(registries, options.Value!.Access.Registries.Select(Show));
    }

    [Fact]
    public void Options_NoDefaultEndpointAndNoFile_IsAProblem() => Assert.Equal(
        "ImageUpdater__DisableDefaultRegistryEndpoint requires ImageUpdater__RegistriesFile; set both",
        Assert.Single(OptionsReader.Read(Configuration(("DisableDefaultRegistryEndpoint", "true"))).Failure!));

    [Fact]
    public void Read_MergesOfMerges_AreLookedIntoOnce()
    {
        var levels = string.Concat(Enumerable.Range(1, 60).Select(level => $"l{level}: &l{level} {{<<: [*l{level - 1}, *l{level - 1}]}}\n"));

        Assert.Equal("a.io as u/p", Assert.Single(Read($"l0: &l0 {{auth: {{username: u, password: p}}}}\n{levels}configs: {{a.io: {{<<: *l60}}}}").Value!.Registries.Select(Show)));
    }

    [Theory]
    [InlineData("^rancher/(.*)", "mirror/$1", "rancher/pause", "mirror/pause")]
    [InlineData("^rancher/(.*)", "mirror/$1_x", "rancher/pause", "mirror/")]
    [InlineData("^rancher/(.*)", "mirror/${1}_x", "rancher/pause", "mirror/pause_x")]
    [InlineData("^(?P<team>[^/]+)/", "$team-mirror/", "rancher/pause", "rancher-mirror/pause")]
    [InlineData("a", "$$$&", "rancher/pause", "r$$&ncher/p$$&use")]
    public void Apply_Rewrite_IsGos(string pattern, string replacement, string repository, string expected) =>
        Assert.Equal(expected, RepositoryRewrite.Parse(pattern, replacement)!.Apply(repository));

    [Theory]
    [InlineData("", "")]
    [InlineData("mirrors:\n", "")]
    [InlineData("configs: {r.example.com: {<<: x}}", "'configs.r.example.com.<<' is not a mapping and is ignored.")]
    [InlineData("mirror: {}", "unknown key 'mirror' is ignored.")]
    [InlineData("mirrors: {docker.io: {endpoints: [https://m.example.com]}}", "unknown key 'mirrors.docker.io.endpoints' is ignored.")]
    [InlineData("mirrors: {docker.io: {endpoint: https://m.example.com}}", "'mirrors.docker.io.endpoint' is not a list and is ignored.")]
    [InlineData("mirrors: {docker.io: {endpoint: ['https://u:s3cret@m.example.com', 'ftp://x']}}",
        "endpoint 1 of 'docker.io' is not a valid address and is ignored.", "endpoint 2 of 'docker.io' is not a valid address and is ignored.")]
    [InlineData("mirrors: {docker.io: {endpoint: ['https://m'], rewrite: {'(': x}}}", "a rewrite of 'docker.io' has an unsupported pattern and is ignored.")]
    [InlineData("mirrors: {'https://x/y': {}}", "'https://x/y' is not a registry host and is ignored.")]
    [InlineData("configs: {r.example.com: {auth: {auth: s3cret}}}", "'configs.r.example.com.auth.auth' is not base64 of user:password and is ignored.")]
    [InlineData("configs: {r.example.com: {tls: {insecure_skip_verify: s3cret}}}", "'configs.r.example.com.tls.insecure_skip_verify' is not true or false and is ignored.")]
    [InlineData("configs: {'*': {auth: {username: u, password: s3cret}}}", "credentials in 'configs.*' are ignored: they would be sent to every registry.")]
    [InlineData("configs: []", "'configs' is not a mapping and is ignored.")]
    public void Read_WhatItCannotUse_IsAWarning(string yaml, params string[] warnings) =>
        Assert.Equal(
            warnings.Where(warning => warning.Length > 0),
            Read(yaml).Value!.Warnings.Select(WithoutFolder).Select(warning => warning.Replace("registries.yaml: ", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData("mirrors: [", "is not valid YAML, near line 2.")]
    [InlineData("a: {password: s3cret\n\tx", "is not valid YAML, near line 1.")]
    [InlineData("- a", "is not one YAML mapping.")]
    [InlineData("configs: {r.example.com: {auth: {username: only}}}", "r.example.com: Username and Password must be set together.")]
    [InlineData("configs: {r.example.com: {tls: {ca_file: /nonexistent/ca}}}", "r.example.com: CaFile '/nonexistent/ca' does not exist.")]
    public void Read_WhatCannotBeRight_IsAProblem(string yaml, string problem)
    {
        var found = Assert.Single(Read(yaml).Failure!);
        Assert.EndsWith(problem, found, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", found, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_FileAndOwnEntries_TheOwnEntryWins()
    {
        var path = folder.Write("registries.yaml", Documented);
        var options = OptionsReader.Read(Configuration(("RegistriesFile", path), ("Registries:0:Host", "docker.io"), ("Registries:0:MaxConcurrency", "2")));

        Assert.Equal(5, options.Value!.Access.Registries.Count);
        Assert.Equal("docker.io", Show(options.Value.Access.Registries[0]));
        Assert.Single(options.Value.Access.Warnings);
    }

    [Fact]
    public void Options_FileIsMissing_IsReportedWithTheOtherProblems() => Assert.Equal(
        ["ImageUpdater:Registries:0: Host is missing; use the host of image references, for example registry.example.com:5000", "RegistriesFile '/nonexistent' does not exist"],
        OptionsReader.Read(Configuration(("RegistriesFile", "/nonexistent"), ("Registries:0:PlainHttp", "true"))).Failure!);

    private ImageUpdater.Core.Result<RegistriesFile, string[]> Read(string yaml) => RegistriesFile.Read(folder.Write("registries.yaml", yaml), mirrorsOnly: false);

    private string WithoutFolder(string text) => text.Replace(folder.Path + "/", "", StringComparison.Ordinal);

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>("ImageUpdater:" + setting.Key, setting.Value))).Build();

    private static string Show(RegistryOptions registry) => string.Join(
        " via ",
        registry.Mirrors.Select(mirror => mirror.Url + Show(mirror as EndpointOptions) + string.Concat(mirror.Rewrites.Select(rewrite => $" {rewrite.Pattern}->{rewrite.Replacement}"))).Prepend(registry.Host + (registry.PlainHttp ? " plain" : "") + (registry.MirrorsOnly ? " only" : "") + Show(registry as EndpointOptions)));

    private static string Show(EndpointOptions endpoint) =>
        (endpoint.Credential is { } credential ? $" as {credential.Username}/{credential.Password}{credential.IdentityToken}" : "") + (endpoint.InsecureSkipVerify ? " insecure" : "");
}
