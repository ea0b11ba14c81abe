using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImageUpdater.Core.Images;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Kubernetes.Kubeconfig;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

// Files of other programs, and output of programs.
public sealed partial class NothingEscapesTests
{
    private const string Registries = """
        mirrors:
          docker.io: {endpoint: ["https://m.example.com:5000/v2/x"], rewrite: {"^a/(.*)": "b/$1"}}
          "*": {endpoint: ["http://10.0.0.1"]}
        configs:
          "m.example.com:5000": {auth: {username: u, password: 1}, tls: {insecure_skip_verify: true}}
          docker.io: {auth: {auth: "dTpw"}}
        """;

    private const string Providers = """
        apiVersion: kubelet.config.k8s.io/v1
        kind: CredentialProviderConfig
        providers:
          - {name: a, apiVersion: credentialprovider.kubelet.k8s.io/v1, matchImages: ["*.dkr.ecr.*.amazonaws.com"],
             defaultCacheDuration: 12h, args: [get], env: [{name: A, value: b}], tokenAttributes: {requireServiceAccount: true}}
        """;

    private static readonly CredentialPlugin Plugin = new(
        "plugin", new ExternalProgram("/plugin", [], []), $"{CredentialPlugin.Group}/v1", [], TimeSpan.Zero, Unusable: null);

    [Fact]
    public void RegistriesFile_AnyText_IsReadOrRefused() => Check(Yaml(Registries, "mirrors", "configs", "endpoint", "rewrite", "auth", "tls", "docker.io"), text =>
        RegistriesFile.Parse(text, "registries.yaml").IsSuccess(out var file, out var problems)
            ? file.Registries.All(registry => registry.Host.Length > 0) && file.Warnings.All(IsMessage)
            : problems.Length > 0 && problems.All(IsMessage));

    [Fact]
    public void KubeConfig_AnyText_IsReadOrRefused()
    {
        const string Valid = """
            current-context: a
            contexts: [{name: a, context: {cluster: c, user: u, namespace: n}}]
            clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443", insecure-skip-tls-verify: true}}]
            users: [{name: u, user: {token: t, exec: {apiVersion: client.authentication.k8s.io/v1, command: x, args: [y], env: [{name: A, value: b}]}}}]
            """;

        Check(Yaml(Valid, "current-context", "contexts", "clusters", "users", "exec", "name"), text =>
            KubeConfig.Parse(text, "/config").IsSuccess(out _, out var problem) || IsMessage(problem));
    }

    [Fact]
    public void CredentialPluginConfig_AnyText_IsReadOrRefused()
    {
        var folder = Directory.CreateTempSubdirectory("image-updater-fuzz-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a"), "");
            Assert.NotNull(CredentialPluginConfig.Parse(Providers, "config.yaml", folder.FullName).Value);

            Check(Yaml(Providers, "kind", "providers", "matchImages", "defaultCacheDuration", "env", "name", "value"), text =>
                CredentialPluginConfig.Parse(text, "config.yaml", folder.FullName).IsSuccess(out var config, out var problems)
                    ? config.Plugins.Count > 0 && config.Warnings.All(IsMessage)
                    : problems.Length > 0 && problems.All(IsMessage));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void PluginAnswer_AnyText_GivesAccountsOrAMessage()
    {
        const string Answer = """
            {"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1","cacheKeyType":"Registry",
            "cacheDuration":"1h","auth":{"*.example.com":{"username":"u","password":"hunter2"}}}
            """;
        var image = ImageReference.Parse("r.example.com/team/app").Value!;
        var broken = Mutated(Answer).Select(body => Encoding.UTF8.GetString(body));
        var fields = Gen.Elements("kind", "apiVersion", "cacheKeyType", "cacheDuration", "auth")
            .SelectMany(field => Json(depth: 2).Select(value => $$"""{"kind":"CredentialProviderResponse",{{Quote(field)}}:{{value}}}"""));
        var accounts = AnyText.SelectMany(pattern => Json(depth: 1).Select(value => Answer.Replace("\"auth\":{", $"\"auth\":{{{Quote(pattern)}:{value},", StringComparison.Ordinal)));

        Check(Gen.OneOf(broken, fields, accounts), text => Plugin.Read(text, image).IsSuccess(out var answer, out var problem)
            ? answer.Duration >= TimeSpan.Zero && answer.Config.Warnings.All(IsMessage)
            : problem.Length is > 0 and < 1000 && !problem.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void HelperAnswer_AnyDuration_IsNoneOrWithinBounds() => Check(
        Gen.OneOf(AnyText, Line(Gen.Elements("1", "9999999999", ".", "h", "m", "ms", "ns", "µs", "-", "+", "e", "0"), 12)),
        text => GoDuration.Parse(text) is not { } duration || (duration >= TimeSpan.Zero && duration <= TimeSpan.FromDays(3650)));

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{a: ", 100_000)]
    [InlineData("- ", 100_000)]
    [InlineData("? ", 100_000)]
    public void Yaml_DeepNesting_IsRefused(string opening, int times) =>
        Assert.NotNull(YamlSection.Parse(string.Concat(Enumerable.Repeat(opening, times))).Failure);

    [Theory]
    [InlineData("a: &x [*x]", "has a part that contains itself, near line 1")]
    [InlineData("&x {a: {b: *x}}", "has a part that contains itself, near line 1")]
    [InlineData("? [a, b]\n: c", "has a key that is not a string, near line 1")]
    [InlineData("a: &x [1]\n? *x\n: c", "has a key that is not a string, near line 2")]
    public void Yaml_ShapeThatNoFileNeeds_IsRefused(string text, string message) => Assert.Equal(message, YamlSection.Parse(text).Failure);

    [Fact]
    public void Yaml_AliasOfAnEarlierPart_IsRead() =>
        Assert.Equal("u", YamlSection.Parse("a: &x {username: u}\nb: *x").Value!.Section("b").Text("username"));

    private static bool IsMessage(string text) => text.Length is > 0 and < 2000;

    /// <summary>Valid files with parts replaced or cut off, and small files with known keys and values of any type.</summary>
    private static Gen<string> Yaml(string valid, params string[] keys)
    {
        var value = Gen.OneOf(Json(depth: 2), Gen.Elements("*a", "&a [1]", "!!binary x", "|\n  text", "<<", "- x", "https://[", "a: b: c", "\t", "%"));
        var line = Gen.Elements(keys).SelectMany(key => Gen.Elements(0, 2, 4).SelectMany(indent => value.Select(text => $"{new string(' ', indent)}{key}: {text}\n")));
        return Gen.OneOf(Mutated(valid).Select(body => Encoding.UTF8.GetString(body)), Line(line, 6), AnyText);
    }
}
