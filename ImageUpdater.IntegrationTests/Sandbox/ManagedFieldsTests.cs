using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

/// <summary>
/// Requests that were sent to a kube-apiserver 1.36.2 in this order, and its responses: the owners of all fields, and the exact
/// error messages. Times are removed, and the resourceVersion is inserted when a request is sent.
/// </summary>
public sealed class ManagedFieldsTests : IAsyncLifetime
{
    private SandboxCluster cluster = null!;
    private SandboxHttp http = null!;

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync(new SandboxClusterOptions { RolloutStepDelay = TimeSpan.FromMilliseconds(1) });
        http = new SandboxHttp(cluster.ApiUrl);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Writes_AsRecorded_AreAnsweredAsARealApiServerDid()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "TestData", "managedfields", "kube-apiserver-1.36.2.jsonl"));
        Assert.True(lines.Length > 30, $"{lines.Length} steps");
        foreach (var line in lines)
        {
            var step = JsonNode.Parse(line)!;
            var answer = await SendAsync(step);

            Assert.True((int)step["status"]! == answer.Status, $"{step["step"]}: {answer.Status} {answer.Text}");
            var (expected, actual) = step["answer"] is { } refusal ? (Refusal(refusal), Refusal(answer.Json)) : (Owners(step["managedFields"]), Owners(answer.Json["metadata"]!["managedFields"]));
            Assert.True(JsonNode.DeepEquals(expected, actual), $"{step["step"]}, {step["what"]}\nexpected {expected}\nactual {actual}");
            if (step["template"] is { } template)
                Assert.True(JsonNode.DeepEquals(template, answer.Json["spec"]!["template"]), $"{step["step"]}, {step["what"]}\nexpected {template}\nactual {answer.Json["spec"]!["template"]}");
        }
    }

    /// <summary>Before each request, the controllers have written their status.</summary>
    private async Task<Answer> SendAsync(JsonNode step)
    {
        await cluster.WaitUntilSettledAsync();
        var path = (string)step["path"]!;
        var metadata = step["body"]!["metadata"];
        if (metadata?["resourceVersion"] is { } version)
        {
            var current = (await http.GetAsync(path.Split('?')[0])).Json["metadata"]!["resourceVersion"]!;
            metadata["resourceVersion"] = (string)version! == "CURRENT" ? current.DeepClone() : "1";
        }

        return await http.SendAsync(
            HttpMethod.Parse((string)step["method"]!), path, step["body"]!.ToJsonString(), (string)step["contentType"]!, userAgent: (string)step["userAgent"]!);
    }

    private static JsonObject Owners(JsonNode? managedFields) => new((managedFields?.AsArray() ?? []).Select(entry =>
        KeyValuePair.Create($"{entry!["operation"]} {entry["manager"]} {entry["subresource"]} {entry["apiVersion"]}", (JsonNode?)entry["fieldsV1"]!.DeepClone())));

    /// <summary>The order of causes is not defined.</summary>
    private static JsonObject Refusal(JsonNode status)
    {
        var copy = new JsonObject(status.AsObject().Where(pair => pair.Key is "message" or "reason" or "details").Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
        if (copy["details"]?["causes"] is JsonArray causes)
            copy["details"]!["causes"] = new JsonArray([.. causes.OrderBy(cause => (string?)cause!["field"], StringComparer.Ordinal).Select(cause => cause!.DeepClone())]);
        return copy;
    }
}
