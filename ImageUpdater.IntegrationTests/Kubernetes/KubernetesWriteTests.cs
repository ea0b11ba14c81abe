using System.Text;
using System.Text.Json.Nodes;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Objects;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class KubernetesWriteTests
{
    private static readonly WorkloadKey Web = new("team-a", WorkloadKind.StatefulSet, "web");

    [Fact]
    public async Task Patch_IsAStrategicMergeWithOurName()
    {
        await using var api = await ScriptedApi.StartAsync(
            ScriptedApi.Json("""{"metadata":{"name":"web","namespace":"team-a","uid":"u","resourceVersion":"8"}}"""));
        using var client = Connections.Client(api);

        var after = Connections.Require(await client.PatchWorkloadAsync(Web, """{"metadata":{}}""", CancellationToken.None));

        var request = api.Requests.Single();
        Assert.Equal(
            ("PATCH", "/apis/apps/v1/namespaces/team-a/statefulsets/web", "?fieldManager=image-updater&fieldValidation=Warn"),
            (request.Method, request.Path, request.Query));
        Assert.Equal("application/strategic-merge-patch+json; charset=utf-8", request.Headers.ContentType);
        Assert.Equal(("8", WorkloadKind.StatefulSet), (after.ResourceVersion, after.Key.Kind));
    }

    [Fact]
    public async Task CreateEvent_IsWhatTheApiChecks()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(
            """
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"x","namespace":"team-a"},"eventTime":"2026-11-22T10:00:01.123456Z","note":""}
            """,
            201));
        using var client = Connections.Client(api, options: new ClusterClientOptions { ReportingInstance = new string('p', 200) });
        var at = new DateTimeOffset(2026, 11, 22, 12, 0, 1, TimeSpan.FromHours(2)).AddTicks(1234567);
        var source = new WorkloadEvent(Web, "u-1", WorkloadEventType.Warning, "RolloutFailed", "Restart", new string('é', 2000), at);

        var name = Connections.Require(await client.CreateEventAsync(source, CancellationToken.None));

        var request = api.Requests.Single();
        var body = JsonNode.Parse(request.Body)!;
        Assert.Equal("/apis/events.k8s.io/v1/namespaces/team-a/events", request.Path);
        Assert.Matches(@"\Aweb\.[0-9a-f]{16}\z", name);
        Assert.Equal(name, (string?)body["metadata"]!["name"]);
        Assert.Equal("2026-11-22T10:00:01.123456Z", (string?)body["eventTime"]);
        Assert.Equal("image-updater", (string?)body["reportingController"]);
        Assert.Equal("Warning", (string?)body["type"]);
        Assert.Equal("Restart", (string?)body["action"]);
        Assert.Equal("RolloutFailed", (string?)body["reason"]);
        var regarding = JsonNode.Parse("""{"apiVersion":"apps/v1","kind":"StatefulSet","namespace":"team-a","name":"web","uid":"u-1"}""");
        Assert.True(JsonNode.DeepEquals(regarding, body["regarding"]), request.Body);
        Assert.InRange(Encoding.UTF8.GetByteCount((string)body["note"]!), 1000, 1024);
        Assert.InRange(Encoding.UTF8.GetByteCount((string)body["reportingInstance"]!), 120, 128);
    }

    /// <summary>The name is derived from the content: sending the event again gives a conflict, which counts as success.</summary>
    [Fact]
    public async Task CreateEvent_IsThereAlready_HasArrived()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Status(409, "AlreadyExists", "events already exists"));
        using var client = Connections.Client(api);
        var source = new WorkloadEvent(Web, "u-1", WorkloadEventType.Normal, "Restarted", "Restart", "done", DateTimeOffset.UnixEpoch);

        var names = new List<string>();
        foreach (var told in (WorkloadEvent[])[source, source with { }, source with { At = source.At.AddTicks(1) }, source with { Note = "do" }, source with { Reason = "Held" }, source with { Uid = "u-2" }])
            names.Add(Connections.Require(await client.CreateEventAsync(told, CancellationToken.None)));

        Assert.Equal(names[0], names[1]);
        Assert.Equal(5, names.Distinct().Count());
    }

    [Fact]
    public async Task CreateEvent_Forbidden_IsAFailureToPassOver()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Status(403, "Forbidden", "events is forbidden"));
        using var client = Connections.Client(api);
        var source = new WorkloadEvent(Web, "u-1", WorkloadEventType.Normal, "Restarted", "Restart", "done", DateTimeOffset.UnixEpoch);

        Assert.Equal(KubernetesFailureKind.Forbidden, (await client.CreateEventAsync(source, CancellationToken.None)).Failure!.Kind);
    }
}
