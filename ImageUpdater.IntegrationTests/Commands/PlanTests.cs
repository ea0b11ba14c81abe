using System.Text.Json.Nodes;
using ImageUpdater.IntegrationTests.BadInput;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Reports;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Commands;

public sealed class PlanTests
{
    [Fact]
    public async Task Plan_EachOutput_SaysTheSameAndCanBeApplied()
    {
        await using var world = await World.StartAsync();
        // Some libraries write escape codes to pipes in the environment of a CI server.
        world.HostEnvironment["GITHUB_ACTIONS"] = "true";
        world.HostEnvironment["TERM"] = "xterm-256color";
        var before = await world.PushAsync("app", "one");
        await world.DeployAsync(Manifests.Deployment("web", ("app", world.Image("app"))).Enabled(("last-digest", $"app:{before}")));
        var after = await world.PushAsync("app", "two");
        var file = Path.Combine(world.Folder, "plan.json");

        var written = await world.PlanAsync("--out", file, "--detailed-exitcode");
        Assert.True(written.ExitCode == 2, written.ToString());
        Assert.EndsWith($"unchanged.\nwrote {file} (1 to restart)\nTo apply it: image-updater apply {file}\n", written.Output);
        var json = await world.PlanAsync("--output", "json", "--detailed-exitcode");
        Assert.True(json.ExitCode == 2, json.ToString());
        Assert.True(PlanJson.Read(await File.ReadAllTextAsync(file)).IsSuccess(out var ofFile, out var unread), unread);
        Assert.Single(ofFile!.Plan.Changes);
        var document = JsonNode.Parse(json.Output)!;
        Assert.Equal(PlanJson.Kind, document["kind"]!.GetValue<string>());
        Assert.Equal(PlanJson.FormatVersion, document["formatVersion"]!.GetValue<string>());
        Assert.Equal(1, document["counts"]!["restart"]!.GetValue<int>());
        Assert.Equal(after, document["workloads"]![0]!["containers"]![0]!["to"]!.GetValue<string>());
        Assert.True(PlanJson.Read(json.Output).IsSuccess(out var read, out var problem), problem);
        Assert.Equal(document["id"]!.GetValue<string>(), read!.Id);

        var markdown = await world.PlanAsync("-o", "MARKDOWN");
        Assert.True(markdown.ExitCode == 0, markdown.ToString());
        Assert.StartsWith("# Plan `p-", markdown.Output);
        Assert.Contains($"| `{world.Namespace}/deployment/web` | `app` | `{world.Image("app")}` |", markdown.Output);

        // Text output to a pipe has no escape codes. The plan is stored even if writing the file fails.
        await using var process = world.Start("plan", "--namespace", world.Namespace, "--detailed-exitcode");
        var text = await process.EndAsync();
        Assert.True(text.ExitCode == 2, text.ToString());
        Assert.DoesNotContain('\e', text.Output);
        Assert.StartsWith($"ImageUpdater will restart:\n  ~ {world.Namespace}/deployment/web\n      app  {world.Image("app")}\n        {before[..19]} -> {after[..19]}\n        because ", text.Output);
        Assert.Matches(@": 1 to restart, 0 adopted, 0 held, 0 skipped, 0 unchanged\.\nTo apply it: image-updater apply p-\S+\n$", text.Output);
        foreach (var full in (string[][])[["--output", "wide"], ["--full-digests"]])
            Assert.Contains($"        {before} -> {after}\n", (await world.PlanAsync(full)).Output);
        Assert.Empty(text.Errors);

        var lost = await world.PlanAsync("--out", "/no/such/folder/plan.json");
        Message.Of(lost, "cannot write '/no/such/folder/plan.json': the folder does not exist");

        var elsewhere = await world.RunAsync("plan", "-n", "no-such-namespace", "--detailed-exitcode");
        Assert.True(elsewhere.ExitCode == 0, elsewhere.ToString());
        Assert.StartsWith("Nothing to do.\n0 workloads, 0 enabled: there are none in namespace no-such-namespace; check the name.\nPlan p-", elsewhere.Output);

        // The file that was written first can be applied.
        var apply = await world.RunAsync("apply", file, "--auto-approve");
        Assert.True(apply.ExitCode == 0, apply.ToString());
        Assert.Equal($"app:{after}", await world.AnnotationAsync("Deployment", "web", "last-digest"));
    }

    [Fact]
    public async Task Plan_WorkloadsThatAreNotEnabled_SaysWhatItSawAndWhichWereMeantToBe()
    {
        await using var world = await World.StartSandboxAsync();
        await world.PushAsync("app", "one");
        var (capital, below, plain) = (Deployment("capital"), Deployment("below"), Deployment("plain"));
        world.Sandbox!.Apply(plain);
        var none = await world.PlanAsync();
        Assert.StartsWith("Nothing to do.\n1 workload, 0 enabled: none has the annotation image-updater.eznix86.github.io/enabled: \"true\" in its own metadata.\nPlan ", none.Output);

        capital["metadata"]!["annotations"]![Manifests.AnnotationPrefix + "enabled"] = "True";
        below["spec"]!["template"]!["metadata"]!["annotations"] = new JsonObject { [Manifests.AnnotationPrefix + "enabled"] = "true" };
        world.Sandbox!.Apply(capital);
        world.Sandbox!.Apply(below);
        world.Sandbox!.Apply(Deployment("on").Enabled(("aproval", "required")));

        var plan = await world.PlanAsync();
        Assert.True(plan.ExitCode == 0, plan.ToString());
        Assert.Contains($"  ! {world.Namespace}/deployment/below is not enabled: the annotation enabled is on the pod template; set it in the metadata of the workload\n", plan.Output);
        Assert.Contains($"  ! {world.Namespace}/deployment/capital is not enabled: invalid enabled 'True'; use \"true\"\n", plan.Output);
        Assert.Contains($"  ! {world.Namespace}/deployment/on: unknown annotation 'aproval'; did you mean 'approval'?\n", plan.Output);
        Assert.Contains("\n4 workloads, 1 enabled.\nPlan ", plan.Output);

        var counts = JsonNode.Parse((await world.PlanAsync("--output", "json")).Output)!["counts"]!;
        Assert.Equal((1, 3), (counts["enabled"]!.GetValue<int>(), counts["notEnabled"]!.GetValue<int>()));
        Assert.Contains("4 workloads, 1 enabled.", (await world.PlanAsync("--output", "markdown")).Output);
        Message.Of(await world.RunAsync("explain", "deployment/capital"), $"{world.Namespace}/deployment/capital is not enabled: invalid enabled 'True'; use \"true\"");

        JsonObject Deployment(string name) => Manifests.Deployment(name, ("app", world.Image("app"))).In(world.Namespace);
    }
}
