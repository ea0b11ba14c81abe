using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Parts;

namespace ImageUpdater.IntegrationTests.BadInput;

/// <summary>appsettings.json: which settings are read, and the errors for a file that can't be read.</summary>
public sealed class SettingsFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("image-updater-settings-");

    private string File => Path.Combine(folder.FullName, "appsettings.json");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Read_FileEnvironmentAndCommandLine_TheLaterWins()
    {
        Write("""{ "ImageUpdater": { "State": "/file", "Listen": ":81", "CheckInterval": 60, "Registries": [ { "Host": "a.io" }, { "Host": "b.io", "PlainHttp": true } ] } }""");

        var options = Read(
            new() { ["ImageUpdater__State"] = "/environment", ["ImageUpdater__Listen"] = ":82", ["ImageUpdater__Registries__1__Timeout"] = "5s" },
            "/command-line").Value!;

        Assert.Equal(("/command-line", 82, TimeSpan.FromMinutes(1)), (options.State.Path, options.Serving.Listen.Port, options.Checking.CheckInterval));
        Assert.Equal([("a.io", false, 15), ("b.io", true, 5)], options.Access.Registries.Select(registry => (registry.Host, registry.PlainHttp, (int)registry.Timeout.TotalSeconds)));
    }

    [Theory]
    [InlineData("{", "appsettings.json: ", "LineNumber: 0")]
    [InlineData("[1]", "appsettings.json: Top-level JSON element must be an object")]
    [InlineData("""{ "ImageUpdater": { "Listen": ":80", "listen": ":81" } }""", "appsettings.json: A duplicate key 'ImageUpdater:listen' was found")]
    public void Read_NoJsonObject_SaysWhatAndWhere(string text, params string[] words)
    {
        Write(text);

        var message = Read([]).Failure!;

        Assert.StartsWith("cannot read the configuration: /", message, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, message));
    }

    [Theory]
    [InlineData("""{ "ImageUpdater": "x" }""", "ImageUpdater cannot be set by itself; set one of its options, for example ImageUpdater__CheckInterval")]
    [InlineData("""{ "ImageUpdater": { "Listen": [ 80 ] } }""", "unknown option ImageUpdater__Listen__0; ImageUpdater__Listen is a single value (HOST:PORT)")]
    [InlineData("""{ "ImageUpdater": { "Listen": { "Number": 80 } } }""", "unknown option ImageUpdater__Listen__Number; ImageUpdater__Listen is a single value (HOST:PORT)")]
    [InlineData("""{ "ImageUpdater": { "MaxRollouts": 80.5 } }""", "ImageUpdater__MaxRollouts: invalid value '80.5'; use a whole number from 1 to 10000")]
    [InlineData("""{ "ImageUpdater": { "Registries": [ "a.io" ] } }""", "ImageUpdater__Registries__0 cannot be set by itself; set one of its options")]
    [InlineData("""{ "imageupdater": { "EVENTS": "perhaps" } }""", "ImageUpdater__Events: invalid value 'perhaps'; use true or false")]
    [InlineData("""{ "CHECK_INTERVAL": "soon" }""", "CHECK_INTERVAL: invalid value 'soon'; use a whole number from 1 to 604800")]
    [InlineData("""{ "ImageUpdater": { "Listen": null, "Events": true, "Registries": [], "CredentialProviders": {}, "Window": "" }, "Other": 1, } // and more""", null)]
    public void Read_WrongKinds_AreReported(string text, string? problem)
    {
        Write(text);

        Assert.Equal(problem, Read([]).Failure);
    }

    [Fact]
    public void Read_AFolderInItsPlace_IsReported()
    {
        Directory.CreateDirectory(File);

        Assert.Equal($"cannot read the configuration: {File} is a folder", Read([]).Failure);
    }

    private void Write(string text) => System.IO.File.WriteAllText(File, text);

    private Result<ImageUpdaterOptions, string> Read(Dictionary<string, string> environment, string? state = null) =>
        ProgramOptions.Read(environment, state, folder.FullName);
}
