using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Configuration;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Running;
using ImageUpdater.Registry;
using ImageUpdater.Registry.Credentials;
using ImageUpdater.Registry.Transport;
using ImageUpdater.Sandbox;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Registry;

/// <summary>Puts a recognisable secret into every source of credentials, and searches all output for it.</summary>
public sealed class NothingSecretTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ask_WithEverySource_WritesNoSecret(bool opens)
    {
        await using var mirror = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens: false));
        await using var registry = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens));
        using var planted = new PlantedSecrets(registry.Host);
        await using var api = await ScriptedApi.StartAsync(context => context.Request.Path.Value!.Split('/')[^1] switch
        {
            "app" => ScriptedApi.Json("""{"kind":"ServiceAccount","apiVersion":"v1","imagePullSecrets":[{"name":"json"},{"name":"cfg"},{"name":"absent"}]}""")(context),
            "json" or "cfg" => ScriptedApi.Json(planted.Secret(context.Request.Path.Value!.Split('/')[^1]).ToJsonString())(context),
            _ => ScriptedApi.Status(404, "NotFound", "not found")(context),
        });
        using var kubernetes = Connections.Client(api);
        var written = new StringBuilder();

        var options = Options(planted, mirror.Host);
        written.AppendJoin('\n', options.Access.Warnings).Append(options);
        written.AppendJoin('\n', options.Access.Registries.SelectMany(entry => entry.Mirrors.Select(found => $"{found}").Append($"{entry}")));
        var user = DockerConfig.LoadUserFile(Path.Combine(planted.WriteDockerConfig(), "config.json"));
        var local = new LocalCredentials(user, options.Access.CredentialPlugins, options.Access.Warnings, TimeProvider.System);
        written.Append(user).AppendJoin('\n', options.Access.CredentialPlugins);

        var image = ImageReference.Parse($"{registry.Host}/team/app:latest").Value!;
        var found = await new PullCredentials(new PullSecrets(kubernetes, TimeProvider.System), local, readSecrets: true, onlyIn: []).ForIdentityAsync(new PullIdentity("team", "app", []), image, CancellationToken.None);
        written.Append(found).AppendJoin('\n', found.Warnings).AppendJoin('\n', found.For(image));

        // json, its identity token, cfg, plugin and config.json; the helper is not in this process's PATH.
        Assert.Equal(5, found.For(image).Count);
        using var log = new TraceLog();
        using var client = new RegistryClient(options.Access.Registries, new ImpatientClock(), log.CreateLogger<RegistryClient>());
        var attempts = new Attempts();
        var resolved = await client.ResolveAsync(image, found.For(image), attempts, CancellationToken.None);
        var check = await client.CheckAsync(image, found.For(image), CancellationToken.None);
        written.Append(resolved.Value).Append(resolved.Failure).Append(check).AppendJoin('\n', attempts.All).AppendJoin('\n', log.Lines);

        Assert.Equal(opens, resolved.Value is not null);
        Assert.Contains($"HEAD 127.0.0.1{ScriptedRegistry.Path} answered 401", log.Lines.Aggregate((all, line) => all + line), StringComparison.Ordinal);
        Assert.Contains(mirror.Requests, asked => asked.Line.StartsWith("GET /token", StringComparison.Ordinal) && asked.Authorization == "Basic " + PlantedSecrets.Base64("mirror:s3cret-mirror"));
        Assert.DoesNotContain(mirror.Requests, asked => asked.Authorization.Contains(PlantedSecrets.Base64("json:s3cret-dockerconfigjson"), StringComparison.Ordinal));
        PlantedSecrets.AssertNowhereIn(written.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Resolve_WithEverySource_PrintsNoSecretAndSaysHowEachEnded(bool opens)
    {
        await using var mirror = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens: false));
        await using var registry = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens));
        using var planted = new PlantedSecrets(registry.Host);
        await using var world = await World.StartSandboxAsync();
        await PlantAsync(world, planted, mirror.Host, opens ? "good" : "bad");

        var result = await world.RunAsync("resolve", $"{registry.Host}/team/app:latest", "--namespace", world.Namespace, "--service-account", "app", "--verbose");

        PlantedSecrets.AssertNowhereIn(result.ToString());
        Assert.Equal(opens ? 0 : 1, result.ExitCode);
        Assert.Contains("tried        registries.yaml, " + mirror.Host + ": ", result.Output, StringComparison.Ordinal);
        Assert.Contains("image-updater: credential plugin failing exited with code 7; " + registry.Host + " is accessed without it", result.Errors, StringComparison.Ordinal);
        if (opens)
            Assert.Contains($"credential   pull secret {world.Namespace}/json", result.Output, StringComparison.Ordinal);
        else
            Assert.Contains("image-updater: credential helper docker-credential-bad exited with code 1", result.Errors, StringComparison.Ordinal);
        if (!opens)
            Assert.Contains("tried        credential plugin good: ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plan_WithPullSecrets_StoresAndPrintsNoSecret(bool opens)
    {
        await using var mirror = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens: false));
        await using var registry = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens));
        using var planted = new PlantedSecrets(registry.Host);
        await using var world = await World.StartSandboxAsync();
        await PlantAsync(world, planted, mirror.Host, opens ? "good" : "bad");
        await DeployAsync(world, registry);

        var plan = Path.Combine(planted.Folder, "plan.json");
        var result = await world.PlanAsync("--verbose", "--out", plan);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(registry.Requests, asked => asked.Authorization == "Basic " + PlantedSecrets.Base64("json:s3cret-dockerconfigjson"));
        PlantedSecrets.AssertNowhereIn(result.ToString() + await File.ReadAllTextAsync(plan));
        if (!opens)
            PlantedSecrets.AssertNowhereIn((await world.RunAsync("report", "--format", "html")).ToString() + (await world.RunAsync("state", "show", "image", $"{registry.Host}/team/app")).ToString());
        Assert.True(File.Exists(world.State));
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(world.State)!, "state.db*"))
            PlantedSecrets.AssertNowhereIn(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
    }

    [Fact]
    public async Task Run_WithEverySource_LogsAndServesNoSecret()
    {
        await using var mirror = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens: false));
        await using var registry = await ScriptedRegistry.StartAsync(PlantedSecrets.Rules(opens: false));
        using var planted = new PlantedSecrets(registry.Host);
        await using var world = await World.StartSandboxAsync();
        await PlantAsync(world, planted, mirror.Host, "bad");
        await DeployAsync(world, registry);

        await using var run = Controller.Start(world, ("Logging__LogLevel__Default", "Trace"), ("Logging__LogLevel__Microsoft", "Trace"));
        await run.UntilReadyAsync();

        Assert.Contains(registry.Requests, asked => asked.Authorization == "Basic " + PlantedSecrets.Base64("json:s3cret-dockerconfigjson"));
        foreach (var path in (string[])["/", "/reports/24h", "/reports/24h.md", "/metrics", "/readyz", "/api/v1/plans", "/api/v1/rollouts", "/api/v1/workloads"])
        {
            var (status, body) = await run.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, status);
            PlantedSecrets.AssertNowhereIn(body);
        }

        Assert.Equal(0, await run.StopAsync());
        Assert.Contains("answered 401", run.Log, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\S+ trace ", run.Log);
        PlantedSecrets.AssertNowhereIn(run.Log);
    }

    [Fact]
    public void Search_FindsWhatItLooksFor()
    {
        foreach (var account in new[] { "u:s3cret", "us:s3cret", "use:s3cret-x", "user:s3cret-xy" })
            Assert.ThrowsAny<Exception>(() => PlantedSecrets.AssertNowhereIn("Basic " + PlantedSecrets.Base64(account)));
        Assert.ThrowsAny<Exception>(() => PlantedSecrets.AssertNowhereIn("S3CRET"));
    }

    private static async Task PlantAsync(World world, PlantedSecrets planted, string mirror, string helper)
    {
        world.StartsProcesses = true;
        foreach (var secret in new[] { "json", "cfg" })
            await world.Api.CreateAsync($"/api/v1/namespaces/{world.Namespace}/secrets", planted.Secret(secret));
        await world.Api.CreateAsync($"/api/v1/namespaces/{world.Namespace}/serviceaccounts", new JsonObject
        {
            ["kind"] = "ServiceAccount",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject { ["name"] = "app" },
            ["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = "json" }, new JsonObject { ["name"] = "cfg" }),
        });
        foreach (var (key, value) in Settings(planted, mirror))
            world.HostEnvironment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        world.HostEnvironment["DOCKER_CONFIG"] = planted.WriteDockerConfig(helper);
        world.HostEnvironment["PATH"] = $"{planted.SearchPath}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    private static Task DeployAsync(World world, ScriptedRegistry registry)
    {
        var workload = Manifests.Deployment("web", ("web", $"{registry.Host}/team/app:latest")).Enabled().Paused();
        workload["spec"]!["template"]!["spec"]!["serviceAccountName"] = "app";
        return world.DeployAsync(workload);
    }

    private static Dictionary<string, string?> Settings(PlantedSecrets planted, string mirror) => new(StringComparer.Ordinal)
    {
        ["ImageUpdater:CredentialProviders:Config"] = planted.WritePlugins(),
        ["ImageUpdater:CredentialProviders:BinDir"] = planted.Plugins,
        ["ImageUpdater:RegistriesFile"] = planted.WriteRegistries(mirror),
        ["ImageUpdater:Registries:5:Host"] = "other.example.com",
        ["ImageUpdater:Registries:5:Username"] = "own",
        ["ImageUpdater:Registries:5:Password"] = PlantedSecrets.Word + "-own",
        ["ImageUpdater:Registries:6:Host"] = "token.example.com",
        ["ImageUpdater:Registries:6:IdentityToken"] = PlantedSecrets.Word + "-own-identity",
        ["ImageUpdater:Registries:5:Proxy"] = $"http://proxy:{PlantedSecrets.Word}-proxy@127.0.0.1:1",
    };

    private static ImageUpdaterOptions Options(PlantedSecrets planted, string mirror)
    {
        var read = OptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(Settings(planted, mirror)).Build());
        Assert.Null(read.Failure);
        return read.Value!;
    }

    private sealed class Attempts : IProgress<Attempt>
    {
        public List<Attempt> All { get; } = [];

        public void Report(Attempt value) => All.Add(value);
    }

    /// <summary>Collects log lines of all levels.</summary>
    private sealed class TraceLog : ILoggerProvider, ILogger
    {
        private readonly ILoggerFactory factory;

        public TraceLog() => factory = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(this));

        public List<string> Lines { get; } = [];

        public ILogger<T> CreateLogger<T>() => factory.CreateLogger<T>();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
                Lines.Add($"{formatter(state, exception)}{exception}");
        }

        public void Dispose()
        {
            // Empty, because the factory would dispose of this provider, and this provider of the factory.
        }
    }
}
