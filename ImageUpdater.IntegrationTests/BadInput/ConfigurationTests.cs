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
    public void Read_WrongValue_SaysWhichAndWhatToGive(string key, string value, string? problem)
    {
        var read = OptionsReader.Read(OptionsReader.Configure([new(key, value)]));

        Assert.Equal(problem is null ? [] : [problem], read.Failure ?? []);
    }

    [Fact]
    public void Read_OwnNameAndPublishedName_OwnNameWins()
    {
        var read = OptionsReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new("CHECK_INTERVAL", "60"), new("ImageUpdater:CheckInterval", "90")]).Build());

        Assert.Equal(TimeSpan.FromSeconds(90), read.Value!.CheckInterval);
    }

    [Fact]
    public async Task Host_ThreeWrongValuesInTheEnvironment_AreToldAtOnce()
    {
        var environment = new Dictionary<string, string?>
        {
            ["CHECK_INTERVAL"] = "abc",
            ["ImageUpdater__FirstSeen"] = "maybe\e[31m",
            ["ImageUpdater__Registries__0__Host"] = "registry.example.com/path",
        };

        var result = await HostProcess.RunAsync(["plan"], environment);

        Sentence.Of(
            result, "the configuration is not valid: ", "CHECK_INTERVAL is 'abc': give a whole number from 1 to 604800",
            "ImageUpdater__FirstSeen is 'maybe [31m': give Adopt or Restart", "Host 'registry.example.com/path' is not a registry's host");
    }
}
