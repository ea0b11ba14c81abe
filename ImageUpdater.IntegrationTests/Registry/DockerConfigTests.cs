using System.Text;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class DockerConfigTests
{
    public static TheoryData<string, string> Entries => new()
    {
        { """{"auth":"dXNlcjpwYXNz"}""", "user/pass" },
        { """{"auth":"dXNlcjpwYTpzcw=="}""", "user/pa:ss" },
        { """{"auth":"dXNlcjpwYTpzcw"}""", "user/pa:ss" },
        { """{"auth":" dXNlcjpwYXNz\n"}""", "user/pass" },
        { """{"auth":"dXNlcjo="}""", "user/" },
        { """{"auth":"dXNl\ncjpw\nYXNz\n"}""", "user/pass" },
        { """{"auth":"dXN\nlcjo=\n"}""", "user/" },
        { """{"auth":"dXNlcjpww6Rzcw=="}""", "user/päss" },
        { """{"auth":"dXNlcjpwYXNzAAA="}""", "user/pass" },
        { """{"username":"user","password":"pass"}""", "user/pass" },
        { """{"auth":"dXNlcjpwYXNz","username":"other","password":"other"}""", "user/pass" },
        { """{"auth":"dXNlcjo=","identitytoken":"refresh"}""", "user//refresh" },
        { """{"identitytoken":"refresh"}""", "//refresh" },
        { """{"auth":null,"username":"user","password":"pass","email":7}""", "user/pass" },
        { """{}""", "" },
        { """{"auth":"","email":"x"}""", "" },
        { """{"auth":"%%%"}""", "has an 'auth' that is not user:password in base64" },
        { """{"auth":"bm9jb2xvbg=="}""", "has an 'auth' that is not user:password in base64" },
        { """{"auth":"gICAOmE="}""", "has an 'auth' that is not user:password in base64" },
        { """{"auth":7}""", "has a field that is not a string" },
        { """{"auth":"\ud800"}""", "has a field that is not a string" },
        { """[]""", "is not an object" },
        { "null", "is not an object" },
        { $$"""{"username":"u","password":"{{new string('p', (16 * 1024) - 1)}}"}""", "u/" + new string('p', (16 * 1024) - 1) },
        { $$"""{"username":"u","password":"{{new string('p', 16 * 1024)}}"}""", "has a credential of more than 16 KiB" },
        { $$"""{"identitytoken":"{{new string('t', (16 * 1024) + 1)}}"}""", "has a credential of more than 16 KiB" },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void Parse_Entry_IsReadOrWarnedOf(string entry, string expected)
    {
        var body = $$"""{"auths":{"bad.example.com":{{entry}},"good.example.com":{"auth":"Zzpn"} } }""";

        var config = DockerConfig.Parse(Encoding.UTF8.GetBytes(body), "pull secret a/b");

        Assert.Equal("g/g", Show(config.Entries[^1]));
        var shown = config.Entries.Count == 2
            ? Show(config.Entries[0])
            : config.Warnings is [var warning]
                ? warning.Replace("pull secret a/b: entry 'bad.example.com' ", "", StringComparison.Ordinal).Replace("; the entry is ignored.", "", StringComparison.Ordinal)
                : "";
        Assert.Equal(expected, shown);
    }

    [Theory]
    [InlineData("", "pull secret a/b is not valid JSON and is ignored.")]
    [InlineData("{", "pull secret a/b is not valid JSON and is ignored.")]
    [InlineData("[]", "pull secret a/b is not a JSON object and is ignored.")]
    [InlineData("""{"auths":[]}""", "pull secret a/b has an 'auths' that is not an object, and is ignored.")]
    [InlineData("""{"auths":null}""", null)]
    [InlineData("""{"credsStore":"desktop"}""", null)]
    public void Parse_Body_GivesOneWarningOrNone(string body, string? warning)
    {
        var config = DockerConfig.Parse(Encoding.UTF8.GetBytes(body), "pull secret a/b");

        Assert.Empty(config.Entries);
        Assert.Equal(warning, config.Warnings.SingleOrDefault());
    }

    [Theory]
    [InlineData(1000, null)]
    [InlineData(1001, "pull secret a/b has more than 1000 entries; the others are ignored.")]
    public void Parse_ManyEntries_ReadsAThousand(int entries, string? warning)
    {
        var list = string.Join(',', Enumerable.Range(0, entries).Select(number => $$"""
            "r{{number}}.example.com":{"auth":"Zzpn"}
            """));

        var config = DockerConfig.Parse(Encoding.UTF8.GetBytes($$"""{"auths":{ {{list}} } }"""), "pull secret a/b");

        Assert.Equal((1000, warning), (config.Entries.Count, config.Warnings.SingleOrDefault()));
    }

    [Fact]
    public void ParseLegacy_Body_IsTheListItself()
    {
        var config = DockerConfig.ParseLegacy("""{"https://index.docker.io/v1/":{"auth":"dXNlcjpwYXNz"}}"""u8.ToArray(), "x");

        Assert.Equal("user/pass", Show(Assert.Single(config.Entries)));
    }

    [Fact]
    public void LoadUserFile_MissingFile_IsEmpty() =>
        Assert.Equal(DockerConfig.Empty, DockerConfig.LoadUserFile(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "config.json")));

    [Fact]
    public void LoadUserFile_File_IsRead()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{"auths":{"r.example.com":{"auth":"dXNlcjpwYXNz"}},"credHelpers":{"x":"ecr-login"}}""");

            var entry = Assert.Single(DockerConfig.LoadUserFile(path).Entries);

            Assert.Equal(("user/pass", path), (Show(entry), entry.Credential.Origin));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Show(DockerConfigEntry entry) =>
        $"{entry.Credential.Username}/{entry.Credential.Password}{(entry.Credential.IdentityToken is { } token ? "/" + token : "")}";
}
