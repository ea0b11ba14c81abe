using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Workloads;
using ImageUpdater.IntegrationTests.Parts;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Workloads;

namespace ImageUpdater.IntegrationTests.Kubernetes;

/// <summary>What a restart changes, gives up and leaves.</summary>
public sealed partial class RealClusterTests
{
    [Theory]
    [InlineData(WorkloadKind.Deployment)]
    [InlineData(WorkloadKind.StatefulSet)]
    [InlineData(WorkloadKind.DaemonSet)]
    public async Task Restart_EachKind_ChangesWhatItNamesAndNothingElse(WorkloadKind kind)
    {
        await CreateWorkloadAsync(kind, "web", enabled: "true");
        await CreateWorkloadAsync(kind, "other", enabled: "yes");
        var (before, patch, after) = await PatchAsync(
            async () => Assert.Single(Connections.Require(await client.ListEnabledWorkloadsAsync(kind, @namespace, CancellationToken.None)).Items),
            read => WorkloadPatch.Restart(read, "2026-11-22T10:00:00Z", new("app:sha256:0a", [new("side", IsInit: false, "IfNotPresent"), new("setup", IsInit: true, "IfNotPresent")])));

        Assert.Equal((before.Uid, before.Status.Generation + 1), (after.Uid, after.Status.Generation));
        Assert.NotEqual(before.ResourceVersion, after.ResourceVersion);
        Assert.Equal("2026-11-22T10:00:00Z", after.RestartedAt);
        Assert.Equal("app:sha256:0a", after.Annotations[Annotations.LastDigest]);
        Assert.Equal([("app", "IfNotPresent"), ("side", "Always")], after.Containers.Select(container => (container.Name, container.PullPolicy!)));
        Assert.Equal(before.Containers.Select(container => container.ImageText), after.Containers.Select(container => container.ImageText));
        Assert.Equal("Always", after.InitContainers.Single().PullPolicy);
        Assert.Equal(after.RestartedAt, Connections.Require(await client.GetWorkloadAsync(before.Key, CancellationToken.None)).RestartedAt);

        var again = (await client.PatchWorkloadAsync(before.Key, patch, CancellationToken.None)).Failure!;
        Assert.Equal((KubernetesFailureKind.Conflict, false), (again.Kind, again.MayHaveArrived));
    }

    [Theory]
    [InlineData(WorkloadKind.Deployment)]
    [InlineData(WorkloadKind.StatefulSet)]
    [InlineData(WorkloadKind.DaemonSet)]
    public async Task GiveUpFields_AfterARestart_LetsTheOwnerApplyAndStartsNoRollout(WorkloadKind kind)
    {
        SkipWithoutCluster();
        var path = $"{WorkloadPath.Of(kind, @namespace)}/web";
        Assert.Equal(HttpStatusCode.Created, await ApplyAsync());
        var (_, _, after) = await PatchAsync(
            async () => Connections.Require(await client.GetWorkloadAsync(new WorkloadKey(@namespace, kind, "web"), CancellationToken.None)),
            read => WorkloadPatch.Restart(read, "2026-11-22T10:00:00Z", new("app:sha256:0a", [new("side", IsInit: false, "IfNotPresent"), new("setup", IsInit: true, "IfNotPresent")])
            {
                Images = [new("app", IsInit: false, "a.example/app:1", "a.example/app:1@sha256:" + new string('0', 64))],
            }));
        Assert.True(after.OwnsOthersFields);
        Assert.Equal(HttpStatusCode.Conflict, await ApplyAsync());

        Assert.Null(await client.GiveUpFieldsAsync(after.Key, after.Uid, CancellationToken.None));
        Assert.Null(await client.GiveUpFieldsAsync(after.Key, after.Uid, CancellationToken.None));

        var given = Connections.Require(await client.GetWorkloadAsync(after.Key, CancellationToken.None));
        Assert.Equal((false, after.Status.Generation, after.TemplateFingerprint), (given.OwnsOthersFields, given.Status.Generation, given.TemplateFingerprint));
        var entries = JsonNode.Parse(await raw.GetStringAsync(path))!["metadata"]!["managedFields"]!.AsArray();
        Assert.DoesNotContain(entries, entry => (string?)entry!["manager"] == "image-updater");
        Assert.Equal(HttpStatusCode.OK, await ApplyAsync());
        var applied = Connections.Require(await client.GetWorkloadAsync(after.Key, CancellationToken.None));
        Assert.Equal("2026-11-22T10:00:00Z", applied.RestartedAt);
        Assert.Equal("app:sha256:0a", applied.Annotations[Annotations.LastDigest]);
        Assert.All(applied.Containers.Concat(applied.InitContainers), container => Assert.Equal("IfNotPresent", container.PullPolicy));
        // A manifest that was exported has them.
        Assert.Equal(HttpStatusCode.OK, await ApplyAsync(restartedAt: "2026-11-01T00:00:00Z"));

        async Task<HttpStatusCode> ApplyAsync(string? restartedAt = null)
        {
            using var content = new StringContent(
                $$$"""
                {
                  "apiVersion": "apps/v1", "kind": "{{{kind}}}",
                  "metadata": {"name": "web", "annotations": {"{{{Annotations.Enabled}}}": "true"} },
                  "spec": {
                    "selector": {"matchLabels": {"app": "web"} },
                    "template": {
                      "metadata": {"labels": {"app": "web"}{{{(restartedAt is null ? "" : $$""", "annotations": {"kubectl.kubernetes.io/restartedAt": "{{restartedAt}}"}""")}}} },
                      "spec": {
                        "nodeSelector": {"image-updater-test": "none"},
                        "initContainers": [{"name": "setup", "image": "a.example/setup:1", "imagePullPolicy": "IfNotPresent"}],
                        "containers": [
                          {"name": "app", "image": "a.example/app:1", "imagePullPolicy": "IfNotPresent"},
                          {"name": "side", "image": "a.example/side:1", "imagePullPolicy": "IfNotPresent"}
                        ]
                      }
                    }
                  }
                }
                """,
                Encoding.UTF8, "application/apply-patch+yaml");
            using var answer = await raw.PatchAsync(new Uri($"{path}?fieldManager=helm", UriKind.Relative), content);
            return answer.StatusCode;
        }
    }

    /// <summary>kubectl takes a Deployment's annotations back, too. The revision that was left still says which digest it was for.</summary>
    [Theory]
    [InlineData(WorkloadKind.Deployment)]
    [InlineData(WorkloadKind.StatefulSet)]
    [InlineData(WorkloadKind.DaemonSet)]
    public async Task ListRevisions_AfterRolloutUndo_TellWhatWasUndone(WorkloadKind kind)
    {
        await CreateWorkloadAsync(kind, "web", enabled: "true");
        var key = new WorkloadKey(@namespace, kind, "web");
        var (good, bad) = (Digest.OfContent("good"u8), Digest.OfContent("bad"u8));
        await ObservedAsync();
        foreach (var (restartedAt, digest) in new[] { ("2026-11-22T10:00:00Z", good), ("2026-11-23T10:00:00Z", bad) })
        {
            await PatchAsync(ReadAsync, read => WorkloadPatch.Restart(read, restartedAt, new($"app:{digest}", [])));
            await ObservedAsync();
        }

        var before = await ReadAsync();
        Assert.Null(RevisionSnapshot.Undone(before, await RevisionsAsync(before), "app", isFirstTracked: true));
        await UndoAsync();
        await ObservedAsync();

        var after = await ReadAsync();
        Assert.Equal("2026-11-22T10:00:00Z", after.RestartedAt);
        Assert.Equal($"app:{(kind == WorkloadKind.Deployment ? good : bad)}", after.Annotations[Annotations.LastDigest]);
        var revisions = await RevisionsAsync(after);
        Assert.Equal(3, revisions.Count);
        Assert.Equal(bad, RevisionSnapshot.Undone(after, revisions, "app", isFirstTracked: true));

        async Task<WorkloadSnapshot> ReadAsync() => Connections.Require(await client.GetWorkloadAsync(key, CancellationToken.None));

        async Task<IReadOnlyList<RevisionSnapshot>> RevisionsAsync(WorkloadSnapshot workload) => Connections.Require(await client.ListRevisionsAsync(workload, CancellationToken.None));

        Task ObservedAsync() => Eventually.HoldsAsync("the controller has seen it", async () => (await ReadAsync()).Status is { } status && status.ObservedGeneration == status.Generation);

        async Task UndoAsync()
        {
            using var kubectl = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("kubectl", ["--kubeconfig", Kubeconfig!, "--namespace", @namespace, "rollout", "undo", key.KindAndName]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            await kubectl.WaitForExitAsync();
            Assert.Equal(0, kubectl.ExitCode);
        }
    }

    /// <summary>Who only removes fields owns none: the API server does not name it.</summary>
    [Theory]
    [InlineData("""{"kubectl.kubernetes.io/restartedAt":null}""", null)]
    [InlineData("""{"kubectl.kubernetes.io/restartedAt":null,"example.org/revision":"2"}""", "my-operator")]
    public async Task Restart_SomebodyTakesItBack_IsNamedIfTheyWroteSomethingElse(string annotations, string? manager)
    {
        await CreateWorkloadAsync(WorkloadKind.Deployment, "web", enabled: "true");
        // managedFields has seconds, and the creator must not count as later.
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        var (before, _, after) = await PatchAsync(() => GetAsync("web"), read => WorkloadPatch.Restart(read, "2026-11-22T10:00:00Z", new("app:sha256:0a", [])));
        Assert.Null(after.LastTemplateWriter);

        var patch = $$$"""{"spec":{"template":{"metadata":{"annotations":{{{annotations}}} } } } }""";
        using var content = new StringContent(patch, Encoding.UTF8, "application/merge-patch+json");
        using var answer = await raw.PatchAsync(new Uri($"{WorkloadPath.Of(before.Key)}?fieldManager=my-operator", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var reverted = await GetAsync("web");
        Assert.Equal((before.RestartedAt, manager), (reverted.RestartedAt, reverted.LastTemplateWriter?.Manager));
    }

    [Fact]
    public async Task Restart_TheWorkloadWasReplaced_Conflicts()
    {
        await CreateWorkloadAsync(WorkloadKind.Deployment, "web", enabled: "true");
        var first = await GetAsync("web");
        await raw.DeleteAsync(WorkloadPath.Of(first.Key));
        await CreateWorkloadAsync(WorkloadKind.Deployment, "web", enabled: "true");
        var second = await GetAsync("web");

        var patch = WorkloadPatch.Restart(first, "2026-11-22T10:00:00Z", new("x", []));
        var stale = await client.PatchWorkloadAsync(first.Key, patch, CancellationToken.None);
        // Without a resourceVersion, the uid alone must cause the rejection.
        var uidAlone = await client.PatchWorkloadAsync(
            first.Key, $$"""{"metadata":{"uid":"{{first.Uid}}","annotations":{"a":"b"} } }""", CancellationToken.None);

        Assert.NotEqual(first.Uid, second.Uid);
        Assert.Equal(KubernetesFailureKind.Conflict, stale.Failure!.Kind);
        Assert.Equal(KubernetesFailureKind.Invalid, uidAlone.Failure!.Kind);
        Assert.Contains("metadata.uid", uidAlone.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RemoveLegacyFinalizer_LeavesTheOthers()
    {
        await CreateWorkloadAsync(WorkloadKind.Deployment, "web", enabled: "true", $"\"example.com/keep\",\"{Annotations.LegacyFinalizer}\"");
        var (before, _, after) = await PatchAsync(() => GetAsync("web"), WorkloadPatch.RemoveLegacyFinalizer);

        Assert.Equal((true, false), (before.HasLegacyFinalizer, after.HasLegacyFinalizer));
        var stored = JsonNode.Parse(await raw.GetStringAsync(WorkloadPath.Of(before.Key)))!;
        Assert.Equal("""["example.com/keep"]""", stored["metadata"]!["finalizers"]!.ToJsonString());

        // Otherwise the namespace could not be deleted.
        await client.PatchWorkloadAsync(before.Key, """{"metadata":{"finalizers":null}}""", CancellationToken.None);
    }

    [Fact]
    public async Task RemoveLegacyFinalizer_OfADeletedWorkload_LetsItGo()
    {
        await CreateWorkloadAsync(WorkloadKind.Deployment, "web", enabled: "true", $"\"{Annotations.LegacyFinalizer}\"");
        await raw.DeleteAsync(WorkloadPath.Of(new WorkloadKey(@namespace, WorkloadKind.Deployment, "web")));
        var (before, _, _) = await PatchAsync(() => GetAsync("web"), WorkloadPatch.RemoveLegacyFinalizer);

        Assert.True(before.Deleting);
        Assert.Equal(KubernetesFailureKind.NotFound, (await client.GetWorkloadAsync(before.Key, CancellationToken.None)).Failure!.Kind);
    }
}
