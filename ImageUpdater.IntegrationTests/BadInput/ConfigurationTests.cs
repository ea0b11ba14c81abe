using System.Text;
using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Parts;
using Microsoft.Extensions.Configuration;

namespace ImageUpdater.IntegrationTests.BadInput;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("CHECK_INTERVAL", "abc", "CHECK_INTERVAL: invalid value 'abc'; use a whole number from 1 to 604800")]
    [InlineData("CHECK_INTERVAL", "0", "CHECK_INTERVAL: invalid value '0'; use a whole number from 1 to 604800")]
    [InlineData("CHECK_INTERVAL", "1e3", "CHECK_INTERVAL: invalid value '1e3'; use a whole number from 1 to 604800")]
    [InlineData("ImageUpdater:CheckInterval", "-5", "ImageUpdater__CheckInterval: invalid value '-5'; use a whole number from 1 to 604800")]
    [InlineData("AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS", "maybe", "AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS: invalid value 'maybe'; use true or false")]
    [InlineData("ImageUpdater:ReadPullSecrets", "off", "ImageUpdater__ReadPullSecrets: invalid value 'off'; use true or false")]
    [InlineData("ImageUpdater:FirstSeen", "never", "ImageUpdater__FirstSeen: invalid value 'never'; use Adopt or Restart")]
    [InlineData("ImageUpdater:Self", "web", "ImageUpdater__Self: invalid workload 'web'; use namespace/kind/name, for example image-updater/deployment/image-updater")]
    [InlineData("ImageUpdater:RolloutTimeout", "15m", "ImageUpdater__RolloutTimeout: invalid value '15m'; use a whole number from 1 to 604800")]
    [InlineData("ImageUpdater:RetentionDays", "", null)]
    [InlineData("ImageUpdater:Registries:0:Host", "http://r", "ImageUpdater:Registries:0: invalid Host 'http://r'; use the host of image references, without scheme and path")]
    [InlineData("ImageUpdater:ChekInterval", "60", "unknown option ImageUpdater__ChekInterval; did you mean CheckInterval?")]
    [InlineData("ImageUpdater:CHECK_INTERVAL", "60", "unknown option ImageUpdater__CHECK_INTERVAL; did you mean CheckInterval?")]
    [InlineData("ImageUpdater:AutomaticallySetImagePullPolicy", "true", "unknown option ImageUpdater__AutomaticallySetImagePullPolicy; did you mean AutomaticallySetImagePullPolicyToAlways?")]
    [InlineData("ImageUpdater:checkinterval", "60", null)]
    [InlineData("ImageUpdater:Namespaces:0", "shop", "unknown option ImageUpdater__Namespaces__0; ImageUpdater__Namespaces is a single value (comma-separated names)")]
    [InlineData("ImageUpdater:CredentialProviders:Conf", "/a", "unknown option ImageUpdater__CredentialProviders__Conf; did you mean Config?")]
    [InlineData("ImageUpdater:CredentialProviders", "/a", "ImageUpdater__CredentialProviders cannot be set by itself; set one of its options")]
    [InlineData("ImageUpdater:Registries", "docker.io", "ImageUpdater__Registries is a list; number its entries, as in ImageUpdater__Registries__0")]
    [InlineData("ImageUpdater:Registries:0", "docker.io", "ImageUpdater__Registries__0 cannot be set by itself; set one of its options")]
    [InlineData("ImageUpdater:Registries:Host", "docker.io", "invalid entry ImageUpdater__Registries__Host; number the entries, as in ImageUpdater__Registries__0__Host")]
    [InlineData("ImageUpdater:Registries:hub:Host", "docker.io", "invalid entry ImageUpdater__Registries__hub; number the entries, as in ImageUpdater__Registries__0")]
    [InlineData("ImageUpdater:Registries:-1:Host", "docker.io", "invalid entry ImageUpdater__Registries__-1; number the entries, as in ImageUpdater__Registries__0")]
    [InlineData("ImageUpdater:Registries:7:Host", "docker.io", null)]
    [InlineData("ImageUpdater", "60", "ImageUpdater cannot be set by itself; set one of its options, for example ImageUpdater__CheckInterval")]
    [InlineData("ImageUpdater:CheckInterval:", "60", "unknown option ImageUpdater__CheckInterval__; ImageUpdater__CheckInterval is a single value (seconds, 1 to 604800)")]
    [InlineData("ImageUpdater:CheckInterval", "99999999999999999999", "ImageUpdater__CheckInterval: invalid value '99999999999999999999'; use a whole number from 1 to 604800")]
    [InlineData("ImageUpdater:MinAge", "99999999999w", "ImageUpdater__MinAge: invalid duration '99999999999w'; use 90s, 15m, 12h or 7d")]
    [InlineData("ImageUpdater:MinAge", " ", null)]
    [InlineData("ImageUpdater:Self", "Shop/deployment/web_1", "ImageUpdater__Self: invalid workload 'Shop/deployment/web_1'; use namespace/kind/name, for example image-updater/deployment/image-updater")]
    [InlineData("ImageUpdater:Self", "shop/deploy/web.v2", null)]
    [InlineData("Logging:LogLevel", "Debug", "Logging__LogLevel cannot be set by itself; set a category, for example Logging__LogLevel__Default")]
    [InlineData("Logging:LogLevel:Default", "Loud", "Logging__LogLevel__Default: invalid value 'Loud'; use Trace, Debug, Information, Warning, Error, Critical, None")]
    [InlineData("Logging:LogLevel:Default", "99", "Logging__LogLevel__Default: invalid value '99'; use Trace, Debug, Information, Warning, Error, Critical, None")]
    [InlineData("Logging:Console:LogLevel:Default", "Loud", "Logging__Console__LogLevel__Default: invalid value 'Loud'; use Trace, Debug, Information, Warning, Error, Critical, None")]
    [InlineData("Logging:LogLevel:Quartz", "debug", null)]
    public void Read_WrongValue_SaysWhichAndWhatToGive(string key, string value, string? problem)
    {
        var read = OptionsReader.Read(Configure(key, value));

        Assert.Equal(problem is null ? [] : [problem], read.Failure ?? []);
    }

    [Fact]
    public void Read_OneOptionInTwoVariables_IsReportedIfTheyDiffer()
    {
        Assert.Equal(
            "IMAGEUPDATER__LISTEN and ImageUpdater__Listen set the same option to different values; keep one of them",
            ProgramOptions.Read(new Dictionary<string, string> { ["ImageUpdater__Listen"] = ":80", ["IMAGEUPDATER__LISTEN"] = ":81" }).Failure);
        Assert.Null(ProgramOptions.Read(new Dictionary<string, string> { ["ImageUpdater__Listen"] = ":80", ["IMAGEUPDATER__LISTEN"] = ":80" }).Failure);
    }

    [Fact]
    public void Read_OwnNameAndPublishedName_OwnNameWins()
    {
        var read = OptionsReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new("CHECK_INTERVAL", "60"), new("ImageUpdater:CheckInterval", "90")]).Build());

        Assert.Equal(TimeSpan.FromSeconds(90), read.Value!.Checking.CheckInterval);
    }

    [Fact]
    public void Read_NothingOfTheKind_NamesTheOptionsThereAre()
    {
        var problem = Assert.Single(OptionsReader.Read(Configure("ImageUpdater:Colour", "s3cret")).Failure!);

        Assert.StartsWith("unknown option ImageUpdater__Colour; valid options: CheckInterval, Namespaces, ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Port_SaysToSetListen() => Assert.Equal(
        ["ImageUpdater__Port was replaced; set ImageUpdater__Listen, for example :8080"], OptionsReader.Read(Configure("ImageUpdater:Port", "8080")).Failure!);

    [Theory]
    [InlineData("QuarantineEverywhere")]
    [InlineData("quarantineeverywhere")]
    public void Read_OptionThatWasReplaced_SaysWhatToSet(string key) => Assert.Equal(
        [$"ImageUpdater__{key} was replaced; set ImageUpdater__Quarantine: Cluster instead of true, Workload instead of false"],
        OptionsReader.Read(Configure($"ImageUpdater:{key}", "true")).Failure!);

    [Theory]
    [InlineData("workload")]
    [InlineData("Namespace")]
    [InlineData("cluster")]
    public void Read_QuarantineScope_IsReadInAnyCase(string scope) => Assert.Equal(
        scope, OptionsReader.Read(Configure("ImageUpdater:Quarantine", scope)).Value!.Holding.Quarantine.ToString(), ignoreCase: true);

    [Fact]
    public void Read_UnknownKeyInAJsonFile_IsReported()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes("""{ "ImageUpdater": { "Registries": [ { "Host": "docker.io", "Proxi": "none" } ], "Registriesfile": null, "Event": false } }"""));

        Assert.Equal(
            ["unknown option ImageUpdater__Event; did you mean Events?", "unknown option ImageUpdater__Registries__0__Proxi; did you mean Proxy?"],
            OptionsReader.Read(new ConfigurationBuilder().AddJsonStream(json).Build()).Failure!);
    }

    [Fact]
    public async Task Host_WrongValuesAndNamesInTheEnvironment_AreReportedAtOnce()
    {
        var environment = new Dictionary<string, string?>
        {
            ["CHECK_INTERVAL"] = "abc",
            ["ImageUpdater__ChekInterval"] = "60",
            ["ImageUpdater__FirstSeen"] = "maybe\e[31m",
            ["ImageUpdater__Registries__0__Host"] = "registry.example.com/path",
        };

        var result = await HostProcess.RunAsync(["plan"], environment);

        Message.Of(
            result, "invalid configuration: ", "unknown option ImageUpdater__ChekInterval; did you mean CheckInterval?",
            "CHECK_INTERVAL: invalid value 'abc'; use a whole number from 1 to 604800",
            "ImageUpdater__FirstSeen: invalid value 'maybe [31m'; use Adopt or Restart", "invalid Host 'registry.example.com/path'");
    }

    private static ConfigurationRoot Configure(string key, string value) =>
        OptionsReader.Load(new Dictionary<string, string> { [key.Replace(":", "__", StringComparison.Ordinal)] = value }).Value!;
}
