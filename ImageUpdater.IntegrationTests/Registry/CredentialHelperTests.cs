using System.Text;
using ImageUpdater.Core.Images;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class CredentialHelperTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly ImpatientClock clock = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"credsStore":"one"}""", "r.example.com/a", "r.example.com")]
    [InlineData("""{"credsStore":"one"}""", "nginx", "https://index.docker.io/v1/")]
    [InlineData("""{"credsStore":"two","credHelpers":{"r.example.com":"one"}}""", "r.example.com/a", "r.example.com")]
    [InlineData("""{"credsStore":"two","credHelpers":{"https://index.docker.io/v1/":"one"}}""", "nginx", "https://index.docker.io/v1/")]
    [InlineData("""{"credHelpers":{"r.example.com:5000":"one"}}""", "r.example.com:5000/a", "r.example.com:5000")]
    [InlineData("""{"credHelpers":{"r.example.com":"one"}}""", "other.example.com/a", null)]
    [InlineData("""{"credHelpers":{"r.example.com":"one"}}""", "r.example.com:5000/a", null)]
    [InlineData("""{"auths":{"r.example.com":{}}}""", "r.example.com/a", null)]
    public async Task For_Image_AsksTheHelperThatTheConfigNames(string config, string image, string? asked)
    {
        folder.WriteScript("docker-credential-one", $$"""cat > {{folder.Path}}/asked; [ "$*" = get ] && echo '{"ServerURL":"x","Username":"u","Secret":"s3cret"}'""");
        folder.WriteScript("docker-credential-two", "exit 1");

        var answer = await AskAsync(config, image);

        Assert.Equal(asked is null ? "" : "u/s3cret", Show(answer));
        Assert.Empty(answer.Warnings);
        if (asked is not null)
            Assert.Equal(asked, File.ReadAllText(Path.Combine(folder.Path, "asked")));
    }

    [Fact]
    public async Task For_Token_IsAnIdentityToken()
    {
        folder.WriteScript("docker-credential-one", """echo '{"Username":"<token>","Secret":"s3cret"}'""");

        var credential = Assert.Single((await AskAsync("""{"credsStore":"one"}""", "r.example.com/a")).Entries).Credential;

        Assert.Equal(("", "", "s3cret", "credential helper docker-credential-one"), (credential.Username, credential.Password, credential.IdentityToken, credential.Origin));
    }

    [Theory]
    [InlineData("echo 'credentials not found in native keychain'; exit 1", null)]
    [InlineData("echo s3cret; exit 1", "exited with code 1; r.example.com is accessed without it.")]
    [InlineData("echo s3cret", "returned no credentials; r.example.com is accessed without it.")]
    [InlineData("echo '{\"Username\":\"s3cret\"}'", "returned no credentials; r.example.com is accessed without it.")]
    [InlineData("yes s3cret", "printed more than 1 MiB; r.example.com is accessed without it.")]
    public async Task For_HelperThatGivesNothing_IsAWarningAtMost(string script, string? warning)
    {
        folder.WriteScript("docker-credential-one", $"echo x >> {folder.Path}/runs; {script}");
        var helpers = Helpers("""{"credsStore":"one"}""");
        var image = ImageReference.Parse("r.example.com/a").Value!;

        var answer = await helpers.ForAsync(image, isRefused: false, CancellationToken.None);
        await helpers.ForAsync(image, isRefused: false, CancellationToken.None);

        Assert.Empty(answer.Entries);
        Assert.Equal(warning, answer.Warnings.SingleOrDefault()?.Replace("credential helper docker-credential-one ", "", StringComparison.Ordinal));
        Assert.Single(File.ReadAllLines(Path.Combine(folder.Path, "runs")));
    }

    [Theory]
    [InlineData(299, false, 1)]
    [InlineData(301, false, 2)]
    [InlineData(119, true, 1)]
    [InlineData(121, true, 2)]
    public async Task For_Answer_IsKeptForFiveMinutesOrUntilItIsRefused(int seconds, bool isRefused, int runs)
    {
        folder.WriteScript("docker-credential-one", $$"""echo x >> {{folder.Path}}/runs; echo '{"Username":"u","Secret":"s"}'""");
        var helpers = Helpers("""{"credsStore":"one"}""");
        var image = ImageReference.Parse("r.example.com/a").Value!;

        await helpers.ForAsync(image, isRefused: false, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal("u/s", Show(await helpers.ForAsync(image, isRefused, CancellationToken.None)));

        Assert.Equal(runs, File.ReadAllLines(Path.Combine(folder.Path, "runs")).Length);
    }

    [Fact]
    public async Task For_HelperOutsideOfPath_IsNotRun()
    {
        var found = await AskAsync("""{"credsStore":"one"}""", "r.example.com/a");
        Assert.Equal("credential helper docker-credential-one was not found in PATH; install it or remove it from Docker's config.json.", Assert.Single(found.Warnings));

        // Relative folders in PATH are ignored, like the working directory.
        folder.WriteScript("docker-credential-one", """echo '{"Username":"u","Secret":"s"}'""");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path);
        var helpers = new CredentialHelpers(Load("""{"credsStore":"one"}""").Helpers!, $"{relative}::.", clock);
        Assert.Empty((await helpers.ForAsync(ImageReference.Parse("r.example.com/a").Value!, isRefused: false, CancellationToken.None)).Entries);
    }

    [Theory]
    [InlineData("""{"credsStore":"../one"}""", "invalid helper name '../one' in credsStore; the entry is ignored.")]
    [InlineData("""{"credsStore":7}""", "invalid helper name '' in credsStore; the entry is ignored.")]
    [InlineData("""{"credHelpers":{"r.example.com":"a b"}}""", "invalid helper name 'a b' in credHelpers; the entry is ignored.")]
    [InlineData("""{"credHelpers":{"":"one"}}""", "credHelpers has a key that is not a registry name; the entry is ignored.")]
    [InlineData("""{"credHelpers":{"\ud800":"one"}}""", "credHelpers has a key that is not a registry name; the entry is ignored.")]
    [InlineData("""{"credsStore":"","credHelpers":[]}""", null)]
    public void Load_NameThatCannotBeMeant_IsAWarning(string config, string? warning)
    {
        var loaded = Load(config);

        Assert.Null(loaded.Helpers);
        Assert.Equal(warning, loaded.Warnings.SingleOrDefault()?.Replace($"{folder.Path}/config.json: ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_PullSecretThatNamesAHelper_HasNoneRun()
    {
        var secret = """{"auths":{},"credsStore":"one","credHelpers":{"r.example.com":"one"}}""";

        Assert.Null(DockerConfig.Parse(Encoding.UTF8.GetBytes(secret), "pull secret a/b").Helpers);
        Assert.Null(DockerConfig.ParseLegacy(Encoding.UTF8.GetBytes(secret), "pull secret a/b").Helpers);
    }

    private DockerConfig Load(string config) => DockerConfig.LoadUserFile(folder.Write("config.json", config));

    private CredentialHelpers Helpers(string config) =>
        new(Load(config).Helpers ?? new HelperMap([], null), $"/nonexistent:{folder.Path}", clock);

    private Task<DockerConfig> AskAsync(string config, string image) =>
        Helpers(config).ForAsync(ImageReference.Parse(image).Value!, isRefused: false, CancellationToken.None);

    private static string Show(DockerConfig config) =>
        string.Join(' ', config.Entries.Select(entry => $"{entry.Credential.Username}/{entry.Credential.Password}"));
}
