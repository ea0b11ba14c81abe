using ImageUpdater.Core.Images;
using ImageUpdater.Host.Configuration;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.IntegrationTests.Registry;

public sealed class CredentialPluginTests : IDisposable
{
    private const string Image = "111.dkr.ecr.eu-west-1.amazonaws.com/team/app:latest";

    private readonly TestFolder folder = new();
    private readonly ImpatientClock clock = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task For_Plugin_GetsTheImageAndReturnsItsAccounts()
    {
        var plugins = Plugins(
            $"cat > {folder.Path}/asked; printf '%s %s' \"$*\" \"$REGION\" > {folder.Path}/args; " + Print(Answer("Image")),
            more: "args: [get-credentials, --quiet], env: [{name: REGION, value: eu}]");

        Assert.Equal("AWS/s3cret", Show(await AskAsync(plugins)));

        Assert.Equal(
            """{"apiVersion":"credentialprovider.kubelet.k8s.io/v1","kind":"CredentialProviderRequest","image":"111.dkr.ecr.eu-west-1.amazonaws.com/team/app"}""",
            File.ReadAllText(Path.Combine(folder.Path, "asked")));
        Assert.Equal("get-credentials --quiet eu", File.ReadAllText(Path.Combine(folder.Path, "args")));
    }

    [Fact]
    public async Task For_ImageThatIsNotMatched_IsNotAsked()
    {
        var plugins = Plugins(Counting(Answer("Global")));

        Assert.Equal("", Show(await AskAsync(plugins, "ghcr.io/team/app")));
        Assert.Equal(0, Runs());
    }

    // Each row: the next image, and how often the plugin has run after it.
    [Theory]
    [InlineData("Image", null, "111.dkr.ecr.eu-west-1.amazonaws.com/team/app:other", 0, 1)]
    [InlineData("Image", null, "111.dkr.ecr.eu-west-1.amazonaws.com/team/web", 0, 2)]
    [InlineData("Registry", null, "111.dkr.ecr.eu-west-1.amazonaws.com/team/web", 0, 1)]
    [InlineData("Registry", null, "222.dkr.ecr.eu-west-1.amazonaws.com/team/app", 0, 2)]
    [InlineData("Global", null, "222.dkr.ecr.eu-west-1.amazonaws.com/team/app", 0, 1)]
    [InlineData("Global", null, Image, 599, 1)]
    [InlineData("Global", null, Image, 601, 2)]
    [InlineData("Global", "1h0m0s", Image, 3599, 1)]
    [InlineData("Global", "1h0m0s", Image, 3601, 2)]
    [InlineData("Global", "0s", Image, 0, 2)]
    [InlineData("Global", "-5m", Image, 0, 2)]
    [InlineData("Global", "87600h", Image, 100_000, 2)]
    public async Task For_Answer_IsKeptAsThePluginSays(string keyType, string? duration, string next, int seconds, int runs)
    {
        var plugins = Plugins(Counting(Answer(keyType, duration)));

        await AskAsync(plugins);
        clock.Advance(TimeSpan.FromSeconds(seconds));
        await AskAsync(plugins, next);

        Assert.Equal(runs, Runs());
    }

    // Answers of the last two minutes are used, so that refused images do not run the plugin each.
    [Theory]
    [InlineData("Image", 119, 1)]
    [InlineData("Image", 121, 2)]
    [InlineData("Registry", 121, 2)]
    [InlineData("Global", 121, 2)]
    public async Task For_AnswerThatARegistryRefused_IsAskedForAgain(string keyType, int seconds, int runs)
    {
        var plugins = Plugins(Counting(Answer(keyType, "12h")));

        await AskAsync(plugins);
        clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal("AWS/s3cret", Show(await AskAsync(plugins, isRefused: true)));
        Assert.Equal(runs, Runs());

        await AskAsync(plugins, isRefused: true);
        clock.Advance(TimeSpan.FromHours(11));
        await AskAsync(plugins);
        Assert.Equal(runs, Runs());
    }

    [Fact]
    public async Task For_RefusedAnswerAndThePluginFails_IsForgotten()
    {
        var plugins = Plugins($"test -e {folder.Path}/runs && exit 3; " + Counting(Answer("Registry", "12h")));

        Assert.Equal("AWS/s3cret", Show(await AskAsync(plugins)));
        clock.Advance(TimeSpan.FromMinutes(3));
        Assert.EndsWith("exited with code 3; 111.dkr.ecr.eu-west-1.amazonaws.com is accessed without it.", Assert.Single((await AskAsync(plugins, isRefused: true)).Warnings), StringComparison.Ordinal);
        Assert.Empty((await AskAsync(plugins)).Entries);
    }

    // The plugin hangs, has ended while its children hold the pipe, or prints too much.
    [Theory]
    [InlineData("sleep 600", "timed out after 1 s")]
    [InlineData("exit 0", "timed out after 1 s")]
    [InlineData("head -c 3000000 /dev/zero | tr '\\0' s; exit 0", "printed more than 1 MiB")]
    public async Task For_PluginThatIsStopped_LeavesNoProcessBehind(string end, string message)
    {
        Requirement.Linux();
        var plugins = Plugins(LeftProcesses.Script(folder.Path) + end);

        Assert.Contains(message, Assert.Single((await AskAsync(plugins)).Warnings), StringComparison.Ordinal);

        var left = LeftProcesses.Of(folder.Path);
        Assert.Equal(3, left.Count);
        await Eventually.HoldsAsync("no process is left", () => Task.FromResult(!left.Any(LeftProcesses.IsRunning)));
    }

    /// <summary>As gpg-agent, which docker-credential-pass needs the next time.</summary>
    [Fact]
    public async Task For_PluginThatLeavesAServiceRunning_LeavesItRunning()
    {
        Requirement.Linux();
        var plugins = Plugins($"sleep 599 < /dev/null > /dev/null 2>&1 & echo $! > {folder.Path}/pids; " + Print(Answer("Image")));

        Assert.Equal("AWS/s3cret", Show(await AskAsync(plugins)));

        var service = Assert.Single(LeftProcesses.Of(folder.Path));
        Assert.True(LeftProcesses.IsRunning(service));
        using var process = System.Diagnostics.Process.GetProcessById(service);
        process.Kill();
    }

    [Fact]
    public async Task For_ManyAtOnce_RunItOnce()
    {
        var plugins = Plugins(Counting(Answer("Registry")));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(plugins)));

        Assert.Equal(1, Runs());
    }

    [Theory]
    [InlineData("exit 3", "exited with code 3")]
    [InlineData("echo s3cret >&2; echo s3cret; exit 1", "exited with code 1")]
    [InlineData("echo s3cret", "did not print a CredentialProviderResponse")]
    [InlineData("true", "did not print a CredentialProviderResponse")]
    [InlineData("echo 'null'", "did not print a CredentialProviderResponse")]
    [InlineData("echo '{\"kind\":\"Other\",\"auth\":{\"a\":{\"password\":\"s3cret\"}}}'", "did not print a CredentialProviderResponse")]
    [InlineData("echo '{\"kind\":\"CredentialProviderResponse\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1beta1\"}'",
        "returned apiVersion 'credentialprovider.kubelet.k8s.io/v1beta1', but its configuration sets 'credentialprovider.kubelet.k8s.io/v1'")]
    [InlineData("echo '{\"kind\":\"CredentialProviderResponse\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\",\"cacheKeyType\":\"s3cret\"}'",
        "returned an invalid cacheKeyType; valid are Image, Registry and Global")]
    [InlineData("echo '{\"kind\":\"CredentialProviderResponse\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\",\"cacheKeyType\":\"Image\",\"cacheDuration\":\"s3cret\"}'",
        "returned an invalid cacheDuration")]
    [InlineData("head -c 3000000 /dev/zero | tr '\\0' s; sleep 600", "printed more than 1 MiB")]
    [InlineData("sleep 600", "timed out after 1 s")]
    [InlineData("sleep 600 & exit 0", "timed out after 1 s")]
    public async Task For_PluginThatFails_IsAWarningAndNotAskedAgainSoon(string script, string message)
    {
        var plugins = Plugins($"echo x >> {folder.Path}/runs; {script}");

        var config = await AskAsync(plugins);
        await AskAsync(plugins, Image + "er");

        Assert.Empty(config.Entries);
        Assert.Equal($"credential plugin ecr {message}; 111.dkr.ecr.eu-west-1.amazonaws.com is accessed without it.", Assert.Single(config.Warnings));
        Assert.Equal(1, Runs());

        clock.Advance(TimeSpan.FromMinutes(3));
        await AskAsync(plugins);
        Assert.Equal(2, Runs());
    }

    [Fact]
    public async Task For_FileThatIsNoProgram_IsAWarning()
    {
        var plugins = Plugins("", mode: UnixFileMode.UserRead);

        Assert.StartsWith("credential plugin ecr could not be started: ", Assert.Single((await AskAsync(plugins)).Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"*.dkr.ecr.*.amazonaws.com":{"username":"a","password":"b"},"x/y z":null,"":{"username":"a"}}""", "a/b", 1)]
    [InlineData("{}", "", 0)]
    [InlineData("null", "", 0)]
    [InlineData("""{"ghcr.io":{"username":"a","password":"b"}}""", "", 0)]
    [InlineData("""{"*.dkr.ecr.*.amazonaws.com":{"username":"a","password":"b"},"111.dkr.ecr.eu-west-1.amazonaws.com/team":{"username":"c","password":"d"}}""", "c/d a/b", 0)]
    public async Task For_Accounts_AreThoseWhosePatternFits(string auth, string expected, int warnings)
    {
        var plugins = Plugins(Print(Answer("Image", auth: auth)));

        var config = await AskAsync(plugins);

        var image = ImageReference.Parse(Image).Value!;
        Assert.Equal(expected, string.Join(' ', CredentialMatcher.For(image, [config]).Select(credential => $"{credential.Username}/{credential.Password}")));
        Assert.Equal(warnings, config.Warnings.Count);
    }

    [Fact]
    public void Read_ManyProblems_AreAllReportedAtOnce()
    {
        var path = folder.Write("config.yaml", """
            apiVersion: kubelet.config.k8s.io/v2
            kind: CredentialProviderConfig
            providers:
              - name: ../ecr
                matchImages: ["", "*.amazonaws.com"]
                apiVersion: credentialprovider.kubelet.k8s.io/v9
                defaultCacheDuration: soon
                env: [{value: s3cret}]
              - name: absent
                apiVersion: credentialprovider.kubelet.k8s.io/v1
                defaultCacheDuration: 12h
            """);

        Assert.Equal(
            [
                "not a CredentialProviderConfig of kubelet.config.k8s.io/v1, v1beta1 or v1alpha1.",
                "providers[0].name is missing or not a file name.",
                "providers[0].apiVersion must be credentialprovider.kubelet.k8s.io/v1, v1beta1 or v1alpha1.",
                "invalid pattern '' in providers[0].matchImages.",
                "providers[0].defaultCacheDuration is missing or invalid; use for example 12h.",
                "providers[0].env has an entry without a name.",
                "no file 'absent' in CredentialProviders:BinDir for providers[1].",
                "providers[1].matchImages is missing.",
            ],
            CredentialPluginConfig.Read(path, folder.Path).Failure!.Select(problem => problem.Replace($"CredentialProviders:Config '{path}': ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_Folder_IsAllItsFilesInOrder()
    {
        Assert.Contains("no .json, .yaml or .yml file in this folder", Assert.Single(CredentialPluginConfig.Read(folder.Path, folder.Path).Failure!), StringComparison.Ordinal);

        foreach (var name in new[] { "one", "two", "README" })
            folder.WriteScript(name, "true");
        folder.Write("20.json", Provider("one"));
        folder.Write("10.yaml", Provider("two"));
        Assert.Equal(["two", "one"], CredentialPluginConfig.Read(folder.Path, folder.Path).Value!.Plugins.Select(plugin => plugin.Name));

        folder.Write("30.yml", Provider("one"));
        Assert.EndsWith("provider 'one' is listed twice.", Assert.Single(CredentialPluginConfig.Read(folder.Path, folder.Path).Failure!), StringComparison.Ordinal);

        static string Provider(string name) =>
            $$"""{"apiVersion":"kubelet.config.k8s.io/v1","kind":"CredentialProviderConfig","providers":[{"name":"{{name}}","matchImages":["a.io"],"defaultCacheDuration":"1h","apiVersion":"credentialprovider.kubelet.k8s.io/v1"}]}""";
    }

    [Theory]
    [InlineData("/nonexistent", "CredentialProviders:Config '/nonexistent' does not exist.")]
    public void Read_NoFile_IsAProblem(string path, string problem) => Assert.Equal(problem, Assert.Single(CredentialPluginConfig.Read(path, folder.Path).Failure!));

    [Fact]
    public async Task Read_JsonWithKeysOfLaterVersions_WarnsOfWhatItDoesNotKnow()
    {
        folder.WriteScript("ecr", "exit 1");
        var path = folder.Write("config.json", """
            {"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"CredentialProviderConfig","providers":[{"name":"ecr","matchImages":["*.dkr.ecr.*.amazonaws.com"],
            "defaultCacheDuration":"12h","apiVersion":"credentialprovider.kubelet.k8s.io/v1beta1","novel":1,
            "tokenAttributes":{"serviceAccountTokenAudience":"a","requireServiceAccount":true,"cacheType":"Token"}}]}
            """);

        var config = CredentialPluginConfig.Read(path, folder.Path).Value!;

        Assert.Equal($"{path}: unknown key 'providers[0].novel' is ignored.", Assert.Single(config.Warnings));
        var asked = await AskAsync(new CredentialPlugins(config.Plugins, clock));
        Assert.Equal("credential plugin ecr is not used: tokenAttributes require a token of the pod, which only the kubelet has.", Assert.Single(asked.Warnings));
    }

    [Theory]
    [InlineData("12h", 43200d)]
    [InlineData("1h30m", 5400d)]
    [InlineData("1.5h", 5400d)]
    [InlineData("+90s", 90d)]
    [InlineData("0", 0d)]
    [InlineData("500ms", 0.5)]
    [InlineData("6h0m0s", 21600d)]
    [InlineData("99999999999h", 315360000d)]
    [InlineData("-1s", null)]
    [InlineData("12", null)]
    [InlineData("h", null)]
    [InlineData("1.2.3s", null)]
    [InlineData("1 h", null)]
    [InlineData("1d", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Parse_GoDuration_IsRead(string? text, double? seconds) => Assert.Equal(seconds, GoDuration.Parse(text)?.TotalSeconds);

    private CredentialPlugins Plugins(string script, string more = "args: []", UnixFileMode? mode = null)
    {
        var program = folder.WriteScript("ecr", script);
        if (mode is { } other && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, other);
        var path = folder.Write("config.yaml", $$"""
            apiVersion: kubelet.config.k8s.io/v1
            kind: CredentialProviderConfig
            providers:
              - {name: ecr, matchImages: ["*.dkr.ecr.*.amazonaws.com"], defaultCacheDuration: 10m, apiVersion: credentialprovider.kubelet.k8s.io/v1, {{more}} }
            """);
        var read = CredentialPluginConfig.Read(path, folder.Path);
        Assert.Empty(read.Value!.Warnings);

        // The default time limit, except for programs that hang: short enough to wait for, long enough for a shell on a busy machine.
        var patience = script.Contains("sleep 600", StringComparison.Ordinal) && !script.Contains("head", StringComparison.Ordinal)
            ? TimeSpan.FromSeconds(1)
            : ExternalProgram.DefaultPatience;
        return new CredentialPlugins(
            [.. read.Value.Plugins.Select(plugin => plugin with { Program = plugin.Program with { Patience = patience } })],
            patience == ExternalProgram.DefaultPatience ? clock : new PatientClock(clock));
    }

    private static async Task<DockerConfig> AskAsync(CredentialPlugins plugins, string image = Image, bool isRefused = false) =>
        (await plugins.ForAsync(ImageReference.Parse(image).Value!, isRefused, CancellationToken.None)).SingleOrDefault() ?? DockerConfig.Empty;

    private static string Show(DockerConfig config) =>
        string.Join(' ', config.Entries.Select(entry => $"{entry.Credential.Username}/{entry.Credential.Password}"));

    private static string Answer(string keyType, string? duration = null, string auth = """{"*.dkr.ecr.*.amazonaws.com":{"username":"AWS","password":"s3cret"}}""") =>
        $$"""{"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1","cacheKeyType":"{{keyType}}",{{(duration is null ? "" : $"\"cacheDuration\":\"{duration}\",")}}"auth":{{auth}}}""";

    private static string Print(string text) => $"printf '%s' '{text}'";

    private string Counting(string answer) => $"echo x >> {folder.Path}/runs; {Print(answer)}";

    private int Runs()
    {
        var path = Path.Combine(folder.Path, "runs");
        return File.Exists(path) ? File.ReadAllLines(path).Length : 0;
    }

    /// <summary>Returns the time of another clock, but timers take real time.</summary>
    private sealed class PatientClock(TimeProvider clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }
}
