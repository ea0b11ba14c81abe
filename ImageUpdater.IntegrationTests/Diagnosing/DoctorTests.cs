using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.IntegrationTests.Running;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Diagnosing;

public sealed class DoctorTests
{
    [Fact]
    public async Task Doctor_WhereAllIsWell_HasALineForEachCheckAndChangesNothing()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("web", world.Image("web"))).Enabled());

        var doctor = await world.RunAsync("doctor");

        Assert.True(doctor.ExitCode == 0, doctor.ToString());
        Assert.Matches(@"^RESULT +CHECK +WHAT\nok +configuration +all options are valid\nok +cluster +context 'sandbox' .* answers: Kubernetes v1", doctor.Output);
        foreach (var line in (string[])
        [
            @"ok +clock +within 30 s of the Kubernetes API's", @"ok +permissions +the account has 20 permissions that this configuration needs", @"ok +workloads +1 workload, 1 enabled",
            $@"ok +registries +{world.Image("web")}: served, without credentials; in a pod, {world.RegistryAddress} is the pod itself: set its alias there \(docs/registries.md\)",
            @"ok +proxy +the Kubernetes API and the registries are reached without a proxy", $@"\w+ +volume +{world.Folder} can be written, [0-9,]+ MiB free; there is no state store yet",
        ])
        {
            Assert.Matches($"(?m)^{line}", doctor.Output);
        }

        Assert.Matches(@"\n\n\d+ ok, \d+ warnings?, 0 failed\.\n$", doctor.Output);
        Assert.False(File.Exists(world.State));
        Assert.DoesNotContain(Directory.EnumerateFiles(world.Folder), file => file.Contains("doctor", StringComparison.Ordinal));
        Assert.Equal(0, world.Sandbox!.Requests.Count("PATCH"));
        Assert.Equal(20, world.Sandbox.Requests.Count("POST") - 2);
    }

    [Fact]
    public async Task Doctor_WithoutPermissions_ShowsTheRoleToAddAndFails()
    {
        await using var world = await World.StartSandboxAsync();
        world.Sandbox!.Forbidden = [new("patch", "deployments"), new("patch", "statefulsets"), new("get", "secrets")];

        var doctor = await world.RunAsync("doctor");

        Assert.True(doctor.ExitCode == 1, doctor.ToString());
        Assert.Empty(doctor.Errors);
        Assert.Matches(@"(?m)^failed +permissions +missing in the whole cluster: patch deployments, statefulsets; get secrets; add the ClusterRole below", doctor.Output);
        Assert.Contains(
            """
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata:
              name: image-updater-missing
            rules:
              - apiGroups: ["apps"]
                resources: ["deployments", "statefulsets"]
                verbs: ["patch"]
              - apiGroups: [""]
                resources: ["secrets"]
                verbs: ["get"]

            """, doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_OfANamespace_AsksForARoleThere()
    {
        await using var world = await World.StartSandboxAsync();
        world.Sandbox!.Forbidden = [new("create", "events", world.Namespace), new("list", "nodes")];

        var findings = await FindingsAsync(world, "--namespace", world.Namespace, "--skip", "volume,clock");

        var role = Assert.Single(findings, finding => finding["manifest"]?.GetValue<string>().Contains("kind: Role\n", StringComparison.Ordinal) == true);
        Assert.Equal("warning", role["status"]!.GetValue<string>());
        Assert.Contains($"  namespace: {world.Namespace}\nrules:\n  - apiGroups: [\"events.k8s.io\"]\n    resources: [\"events\"]\n    verbs: [\"create\"]\n", role["manifest"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Single(findings, finding => finding["manifest"]?.GetValue<string>().Contains("kind: ClusterRole\n", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(findings, finding => finding["check"]!.GetValue<string>() is "volume" or "clock");
    }

    [Fact]
    public async Task Doctor_ReviewsRefused_SaysSo()
    {
        await using var world = await World.StartSandboxAsync();
        world.Sandbox!.Forbidden = [new("create", "selfsubjectaccessreviews")];

        Assert.Matches(@"(?m)^warning +permissions +the Kubernetes API does not say what this account may do: .*is forbidden.*; usually the ClusterRole system:basic-user", (await world.RunAsync("doctor")).Output);
    }

    [Fact]
    public async Task Doctor_WhatANewUserGetsWrong_IsNamedWithWhatToDo()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("web", "one");
        await world.DeployAsync(Manifests.Deployment("yes", ("web", world.Image("web"))).Enabled(("cooldwn", "1h"), ("window", "someday")));
        await world.DeployAsync(Manifests.Deployment("no", ("web", world.Image("web"))));
        await world.AnnotateAsync("Deployment", "no", "enabeld", "true");
        world.Sandbox!.Apply(Manifests.Deployment("private", ("app", "127.0.0.1:1/private/app:latest")).In(world.Namespace).Enabled());

        var doctor = await world.RunAsync("doctor");

        Assert.True(doctor.ExitCode == 1, doctor.ToString());
        Assert.Matches($@"(?m)^warning +workloads +{world.Namespace}/deployment/no is not enabled: unknown annotation 'enabeld'; did you mean 'enabled'\?$", doctor.Output);
        Assert.Matches($@"(?m)^warning +workloads +{world.Namespace}/deployment/yes: unknown annotation 'cooldwn'", doctor.Output);
        Assert.Matches($@"(?m)^warning +workloads +{world.Namespace}/deployment/yes: .*someday", doctor.Output);
        Assert.Matches(@"(?m)^failed +registries +127\.0\.0\.1:1/private/app:latest: .*; check the address", doctor.Output);
    }

    [Fact]
    public async Task Doctor_WithoutACluster_StillChecksTheRest()
    {
        await using var world = await World.StartSandboxAsync();

        var doctor = await InProcess.RunAsync(world.HostEnvironment, ["doctor", "--kubeconfig", Path.Combine(world.Folder, "none"), "--state", world.State]);

        Assert.True(doctor.ExitCode == 1, doctor.ToString());
        Assert.Matches(@"(?m)^failed +cluster +.*none.*; the checks of clock, permissions, workloads and registries need the cluster$", doctor.Output);
        Assert.Matches(@"(?m)^\w+ +volume +", doctor.Output);
    }

    [Fact]
    public async Task Doctor_InvalidConfiguration_IsAFindingForEachProblem()
    {
        var doctor = await InProcess.RunAsync(
            new Dictionary<string, string?> { ["ImageUpdater__CheckIntervall"] = "5", ["ImageUpdater__Events"] = "maybe" }, ["doctor", "-o", "json"]);

        Assert.Equal(1, doctor.ExitCode);
        var document = JsonNode.Parse(doctor.Output)!;
        Assert.Equal(("Diagnosis", 0, 2), (document["kind"]!.GetValue<string>(), document["item"]!["ok"]!.GetValue<int>(), document["item"]!["failed"]!.GetValue<int>()));
        Assert.All(document["item"]!["findings"]!.AsArray(), finding => Assert.Equal(("configuration", "failed"), (finding!["check"]!.GetValue<string>(), finding["status"]!.GetValue<string>())));
    }

    [Fact]
    public async Task Doctor_BesideAController_ReadsItsStore()
    {
        await using var world = await World.StartSandboxAsync();
        await using var run = Controller.Start(world);
        await run.UntilReadyAsync();

        var volume = Assert.Single(await FindingsAsync(world, "--skip", "cluster,clock,permissions,workloads,registries,proxy,configuration"), finding => finding["message"]!.GetValue<string>().Contains("can be written", StringComparison.Ordinal));

        Assert.Equal("volume", volume["check"]!.GetValue<string>());
        Assert.DoesNotContain("no state store", volume["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task Doctor_UnknownCheckToSkip_IsRefused()
    {
        var doctor = await InProcess.RunAsync("doctor", "--skip", "volume,moon");

        Assert.Equal(1, doctor.ExitCode);
        Assert.Contains("invalid value 'moon' for --skip; use configuration, cluster, clock, permissions, workloads, registries, proxy, volume, separated by commas", doctor.Errors);
    }

    private static async Task<IReadOnlyList<JsonNode>> FindingsAsync(World world, params string[] arguments)
    {
        var doctor = await world.RunAsync(["doctor", "-o", "json", .. arguments]);
        Assert.Empty(doctor.Errors);
        return [.. JsonNode.Parse(doctor.Output)!["item"]!["findings"]!.AsArray().Select(finding => finding!)];
    }
}
