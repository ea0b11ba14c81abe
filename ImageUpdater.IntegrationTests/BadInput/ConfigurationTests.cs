using System.Text;
using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Parts;
using Microsoft.Extensions.Configuration;

namespace ImageUpdater.IntegrationTests.BadInput;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("CHECK_INTERVAL", "abc", "CHECK_INTERVAL is 'abc': give a whole number from 1 to 604800")]
    [InlineData("CHECK_INTERVAL", "0", "CHECK_INTERVAL is '0': give a whole number from 1 to 604800")]
    [InlineData("CHECK_INTERVAL", "1e3", "CHECK_INTERVAL is '1e3': give a whole number from 1 to 604800")]
    [InlineData("ImageUpdater:CheckInterval", "-5", "ImageUpdater__CheckInterval is '-5': give a whole number from 1 to 604800")]
    [InlineData("AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS", "maybe", "AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS is 'maybe': give true or false")]
    [InlineData("ImageUpdater:ReadPullSecrets", "off", "ImageUpdater__ReadPullSecrets is 'off': give true or false")]
    [InlineData("ImageUpdater:FirstSeen", "never", "ImageUpdater__FirstSeen is 'never': give Adopt or Restart")]
    [InlineData("ImageUpdater:Self", "web", "ImageUpdater__Self is 'web': give namespace/kind/name, for example image-updater/deployment/image-updater")]
    [InlineData("ImageUpdater:Port", "99999", "ImageUpdater__Port is '99999': give a whole number from 1 to 65535")]
    [InlineData("ImageUpdater:RolloutTimeout", "15m", "ImageUpdater__RolloutTimeout is '15m': give a whole number from 1 to 604800")]
    [InlineData("ImageUpdater:RetentionDays", "", null)]
    [InlineData("ImageUpdater:Registries:0:Host", "http://r", "ImageUpdater:Registries:0: Host 'http://r' is not a registry's host; write it as image references do, without a scheme or a path")]
    [InlineData("ImageUpdater:ChekInterval", "60", "ImageUpdater__ChekInterval is not an option: did you mean CheckInterval?")]
    [InlineData("ImageUpdater:CHECK_INTERVAL", "60", "ImageUpdater__CHECK_INTERVAL is not an option: did you mean CheckInterval?")]
    [InlineData("ImageUpdater:AutomaticallySetImagePullPolicy", "true", "ImageUpdater__AutomaticallySetImagePullPolicy is not an option: did you mean AutomaticallySetImagePullPolicyToAlways?")]
    [InlineData("ImageUpdater:checkinterval", "60", null)]
    [InlineData("ImageUpdater:Namespaces:0", "shop", "ImageUpdater__Namespaces__0 is not an option: ImageUpdater__Namespaces is one value (names with commas between)")]
    [InlineData("ImageUpdater:CredentialProviders:Conf", "/a", "ImageUpdater__CredentialProviders__Conf is not an option: did you mean Config?")]
    [InlineData("ImageUpdater:CredentialProviders", "/a", "ImageUpdater__CredentialProviders is not an option by itself: name one of its parts")]
    [InlineData("ImageUpdater:Registries", "docker.io", "ImageUpdater__Registries is a list: number its entries, as in ImageUpdater__Registries__0")]
    [InlineData("ImageUpdater:Registries:0", "docker.io", "ImageUpdater__Registries__0 is not an entry by itself: name one of its parts")]
    [InlineData("ImageUpdater:Registries:Host", "docker.io", "ImageUpdater__Registries__Host is not an entry: number the entries, as in ImageUpdater__Registries__0__Host")]
    [InlineData("ImageUpdater:Registries:hub:Host", "docker.io", "ImageUpdater__Registries__hub is not an entry: number the entries, as in ImageUpdater__Registries__0")]
    [InlineData("ImageUpdater:Registries:-1:Host", "docker.io", "ImageUpdater__Registries__-1 is not an entry: number the entries, as in ImageUpdater__Registries__0")]
    [InlineData("ImageUpdater:Registries:7:Host", "docker.io", null)]
    [InlineData("ImageUpdater", "60", "ImageUpdater is not an option by itself: name one of its parts, as in ImageUpdater__CheckInterval")]
    [InlineData("ImageUpdater:CheckInterval:", "60", "ImageUpdater__CheckInterval__ is not an option: ImageUpdater__CheckInterval is one value (seconds, 1 to 604800)")]
    [InlineData("ImageUpdater:CheckInterval", "99999999999999999999", "ImageUpdater__CheckInterval is '99999999999999999999': give a whole number from 1 to 604800")]
    [InlineData("ImageUpdater:MinAge", "99999999999w", "ImageUpdater__MinAge is '99999999999w', which is no span of time: give 90s, 15m, 12h or 7d")]
    [InlineData("ImageUpdater:MinAge", " ", null)]
    [InlineData("ImageUpdater:Self", "Shop/deployment/web_1", "ImageUpdater__Self is 'Shop/deployment/web_1': give namespace/kind/name, for example image-updater/deployment/image-updater")]
    [InlineData("ImageUpdater:Self", "shop/deploy/web.v2", null)]
    [InlineData("Logging:LogLevel", "Debug", "Logging__LogLevel is not a level by itself: name a part of the program, or all, as in Logging__LogLevel__Default")]
    [InlineData("Logging:LogLevel:Default", "Loud", "Logging__LogLevel__Default is 'Loud': give Trace, Debug, Information, Warning, Error, Critical, None")]
    [InlineData("Logging:LogLevel:Default", "99", "Logging__LogLevel__Default is '99': give Trace, Debug, Information, Warning, Error, Critical, None")]
    [InlineData("Logging:Console:LogLevel:Default", "Loud", "Logging__Console__LogLevel__Default is 'Loud': give Trace, Debug, Information, Warning, Error, Critical, None")]
    [InlineData("Logging:LogLevel:Quartz", "debug", null)]
    public void Read_WrongValue_SaysWhichAndWhatToGive(string key, string value, string? problem)
    {
        var read = OptionsReader.Read(Configure(key, value));

        Assert.Equal(problem is null ? [] : [problem], read.Failure ?? []);
    }

    [Fact]
    public void Read_OneOptionInTwoVariables_IsToldWhereTheyDiffer()
    {
        Assert.Equal(
            "IMAGEUPDATER__PORT and ImageUpdater__Port are one option with several values: set one of them",
            ProgramOptions.Read(new Dictionary<string, string> { ["ImageUpdater__Port"] = "80", ["IMAGEUPDATER__PORT"] = "81" }).Failure);
        Assert.Null(ProgramOptions.Read(new Dictionary<string, string> { ["ImageUpdater__Port"] = "80", ["IMAGEUPDATER__PORT"] = "80" }).Failure);
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

        Assert.StartsWith("ImageUpdater__Colour is not an option: there are CheckInterval, Namespaces, ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownKeyInAJsonFile_IsTold()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes("""{ "ImageUpdater": { "Registries": [ { "Host": "docker.io", "Proxi": "none" } ], "Registriesfile": null, "Event": false } }"""));

        Assert.Equal(
            ["ImageUpdater__Event is not an option: did you mean Events?", "ImageUpdater__Registries__0__Proxi is not an option: did you mean Proxy?"],
            OptionsReader.Read(new ConfigurationBuilder().AddJsonStream(json).Build()).Failure!);
    }

    [Fact]
    public async Task Host_WrongValuesAndNamesInTheEnvironment_AreToldAtOnce()
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
            result, "the configuration is not valid: ", "ImageUpdater__ChekInterval is not an option: did you mean CheckInterval?",
            "CHECK_INTERVAL is 'abc': give a whole number from 1 to 604800",
            "ImageUpdater__FirstSeen is 'maybe [31m': give Adopt or Restart", "Host 'registry.example.com/path' is not a registry's host");
    }

    private static ConfigurationRoot Configure(string key, string value) =>
        OptionsReader.Load(new Dictionary<string, string> { [key.Replace(":", "__", StringComparison.Ordinal)] = value }).Value!;
}
