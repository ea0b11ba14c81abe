using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

/// <summary>Pull secrets are sent to their registry, and appear nowhere else.</summary>
public sealed class CredentialsTests
{
    private const string User = "marker-user-77f0";
    private const string Password = "marker-pass-77f0";

    [Fact]
    public async Task Plan_PullSecrets_AreUsedAsTheKubeletDoes()
    {
        await using var world = await World.StartSandboxAsync();
        await using var basic = await SandboxRegistry.StartAsync(Private(RegistryAuth.Basic));
        await using var bearer = await SandboxRegistry.StartAsync(Private(RegistryAuth.Bearer));
        world.HostEnvironment["ImageUpdater__Registries__1__Host"] = basic.Address;
        world.HostEnvironment["ImageUpdater__Registries__1__PlainHttp"] = "true";
        world.HostEnvironment["ImageUpdater__Registries__2__Host"] = bearer.Address;
        world.HostEnvironment["ImageUpdater__Registries__2__PlainHttp"] = "true";
        foreach (var registry in (SandboxRegistry[])[basic, bearer])
        {
            registry.PushImage("app", "latest", "one");
            registry.PushImage("other", "latest", "one");
        }

        var good = Auths((basic.Address, Password), (bearer.Address, Password));
        await SecretAsync(world, "good", good);
        await SecretAsync(world, "wrong", Auths((basic.Address, Password + "-old"), (bearer.Address, Password + "-old")));
        await SecretAsync(world, "malformed", good[..^5]);
        await SecretAsync(world, "half", $$"""{"auths":{"{{basic.Address}}":{"auth":"{{Password}}"},{{good["""{"auths":{""".Length..]}}""");
        await AccountAsync(world, "puller", "good");
        await DeployAsync(world, "by-template", basic.Reference("app"), secrets: ["missing", "malformed", "wrong", "good"]);
        await DeployAsync(world, "by-account", bearer.Reference("app"), account: "puller");
        await DeployAsync(world, "template-first", basic.Reference("other"), secrets: ["wrong"], account: "puller");
        await DeployAsync(world, "half", bearer.Reference("other"), secrets: ["half"]);
        await world.PushAsync("open", "one");
        await DeployAsync(world, "open", world.Image("open"), secrets: ["good"], account: "puller");
        await world.Sandbox!.WaitUntilSettledAsync();

        var plan = await world.PlanAsync("--verbose");
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains(": 0 to restart, 4 adopted, 0 held, 1 skipped, 4 unchanged.", plan.Output);
        Assert.Contains($"x {world.Namespace}/deployment/template-first app: {basic.Address} answered 401 Unauthorized for other:latest; tried: pull secret {world.Namespace}/wrong, anonymous", plan.Output);
        Assert.Contains($"! pull secret {world.Namespace}/malformed is not valid JSON and is ignored", plan.Output);
        Assert.Contains($"! pull secret {world.Namespace}/half: entry '{basic.Address}' has an 'auth' that is not user:password in base64; the entry is ignored", plan.Output);
        Assert.DoesNotContain("missing", plan.Output);

        // With ReadPullSecrets=false, no secrets are requested.
        world.HostEnvironment["ImageUpdater__ReadPullSecrets"] = "false";
        world.Sandbox!.Requests.Clear();
        var file = Path.Combine(world.Folder, "plan.json");
        var without = await world.PlanAsync("--verbose", "--out", file, "--output", "json");
        Assert.Contains($"answered 401 Unauthorized for app:latest; tried: anonymous", without.Output);
        Assert.DoesNotContain(world.Sandbox.Requests.All, request => request.Path.Contains("/secrets/", StringComparison.Ordinal) || request.Path.Contains("/serviceaccounts/", StringComparison.Ordinal));

        // The secrets are in no output, store, file, or request to another registry.
        var reports = await Task.WhenAll(((string[])["html", "markdown", "json"]).Select(format => InProcess.RunAsync("--state", world.State, "report", "--format", format)));
        AssertNowhere([plan.Output, plan.Errors, without.Output, without.Errors, .. reports.Select(report => report.Output), .. Files(world.Folder)]);
        Assert.NotEmpty(plan.Errors);
        Assert.NotEmpty(world.Registry!.Requests.All);
        Assert.All(world.Registry.Requests.All, request => Assert.Null(request.Authorization));
    }

    /// <summary>The same with Debian's docker-registry.</summary>
    [Fact]
    public async Task Plan_RegistryWithHtpasswd_IsReadWithThePullSecret()
    {
        await using var docker = await DockerRegistry.StartAsync(new DockerRegistrySettings(WithPassword: true));
        await using var world = await World.StartAsync();
        using var layout = OciLayout.Image("one");
        await docker.PushAsync(layout, "team/app:latest");
        world.HostEnvironment["ImageUpdater__Registries__1__Host"] = docker.Host;
        world.HostEnvironment["ImageUpdater__Registries__1__PlainHttp"] = "true";
        await SecretAsync(world, "regcred", $$$"""{"auths":{"{{{docker.Host}}}":{"username":"{{{DockerRegistry.Username}}}","password":"{{{DockerRegistry.Password}}}"} } }""");
        await DeployAsync(world, "private", $"{docker.Host}/team/app", secrets: ["regcred"]);
        await DeployAsync(world, "unknown", $"{docker.Host}/team/never-pushed", secrets: ["regcred"]);

        var plan = await world.PlanAsync("--output", "json");

        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains($"\"to\": \"{layout.Digest}\"", plan.Output);
        Assert.Contains($"{docker.Host} answered 404 Not Found for team/never-pushed:latest", plan.Output);
        Assert.DoesNotContain(DockerRegistry.Password, plan.Output + plan.Errors);
    }

    /// <summary>Two tenants with the same private image: what one may read is no news for the other, and neither sees the other's secrets.</summary>
    [Fact]
    public async Task Apply_TwoTenantsOneOfWhichMayReadTheImage_TheOtherLearnsNothing()
    {
        await using var world = await World.StartSandboxAsync();
        await using var registry = await SandboxRegistry.StartAsync(Private(RegistryAuth.Bearer));
        world.HostEnvironment["ImageUpdater__Registries__1__Host"] = registry.Address;
        world.HostEnvironment["ImageUpdater__Registries__1__PlainHttp"] = "true";
        var other = $"{world.Namespace}-other";
        await world.Api.CreateAsync("/api/v1/namespaces", new JsonObject { ["kind"] = "Namespace", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = other } });
        var first = registry.PushImage("app", "latest", "first");
        await SecretAsync(world, "of-the-first", Auths((registry.Address, Password)));
        await DeployAsync(world, "web", registry.Reference("app"), secrets: ["of-the-first"]);
        await DeployAsync(world, "web", registry.Reference("app"), @namespace: other);
        await world.Sandbox!.WaitUntilSettledAsync();
        await world.RunAsync("plan");

        var second = registry.PushImage("app", "latest", "second");
        var apply = await world.RunAsync("apply", "--auto-approve", "--verbose");

        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.NotNull(await RestartedAtAsync(world.Namespace));
        Assert.Null(await RestartedAtAsync(other));
        var explained = await world.RunAsync("explain", "deployment/web", "--namespace", other, "--output", "json");
        Assert.Contains("answered 401 Unauthorized for app:latest; tried: anonymous", explained.Output);
        Assert.All((string[])[first, second, "of-the-first"], known => Assert.DoesNotContain(known, explained.Output));
        var report = await InProcess.RunAsync("--state", world.State, "report", "--format", "json", "--namespace", other);
        Assert.All((string[])[first, second, "of-the-first"], known => Assert.DoesNotContain(known, report.Output));
        var state = await InProcess.RunAsync("--state", world.State, "state", "show", "image", registry.Reference("app"));
        Assert.Contains($"read with     the pull secrets of namespace {world.Namespace}", state.Output);

        async Task<string?> RestartedAtAsync(string @namespace) =>
            (string?)(await world.Api.GetAsync($"/apis/apps/v1/namespaces/{@namespace}/deployments/web"))["spec"]!["template"]!["metadata"]?["annotations"]?["kubectl.kubernetes.io/restartedAt"];
    }

    private static SandboxRegistryOptions Private(RegistryAuth auth) => new() { Auth = auth, User = User, Password = Password };

    private static string Auths(params (string Registry, string Password)[] entries) => new JsonObject
    {
        ["auths"] = new JsonObject(entries.Select(entry =>
            KeyValuePair.Create<string, JsonNode?>(entry.Registry, new JsonObject { ["auth"] = Base64($"{User}:{entry.Password}") }))),
    }.ToJsonString();

    private static void AssertNowhere(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            foreach (var secret in (string[])[Password, User, Base64($"{User}:{Password}"), Base64($"{User}:{Password}-old"), "Authorization"])
                Assert.DoesNotContain(secret, text);
        }
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file)));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static async Task SecretAsync(World world, string name, string config) => await world.Api.CreateAsync($"/api/v1/namespaces/{world.Namespace}/secrets", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = world.Namespace },
        ["type"] = "kubernetes.io/dockerconfigjson",
        ["data"] = new JsonObject { [".dockerconfigjson"] = Base64(config) },
    });

    private static async Task AccountAsync(World world, string name, string secret) => await world.Api.CreateAsync($"/api/v1/namespaces/{world.Namespace}/serviceaccounts", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ServiceAccount",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = world.Namespace },
        ["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = secret }),
    });

    // Does not wait for pods: the nodes can't pull all of these images.
    private static async Task DeployAsync(World world, string name, string image, string[]? secrets = null, string? account = null, string? @namespace = null)
    {
        var workload = Manifests.Deployment(name, ("app", image)).Enabled().In(@namespace ?? world.Namespace).Replicas(0);
        var pod = workload["spec"]!["template"]!["spec"]!.AsObject();
        if (secrets is not null)
            pod["imagePullSecrets"] = new JsonArray([.. secrets.Select(secret => (JsonNode)new JsonObject { ["name"] = secret })]);
        if (account is not null)
            pod["serviceAccountName"] = account;
        await world.Api.CreateAsync($"/apis/apps/v1/namespaces/{@namespace ?? world.Namespace}/deployments", workload);
    }
}
