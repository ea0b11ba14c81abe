using System.Text.Json.Nodes;
using ImageUpdater.Sandbox;

namespace ImageUpdater.IntegrationTests.Sandbox;

/// <summary>Each row: a patch of the template's pod spec, and part of the resulting pod spec, as returned by Kubernetes 1.36.</summary>
public sealed class PatchTests : IAsyncLifetime
{
    private const string PodSpec =
        """
        {"containers":[
          {"name":"a","image":"x/a:1","env":[{"name":"E","value":"1"},{"name":"F","value":"2"}],"ports":[{"containerPort":80}]},
          {"name":"b","image":"x/b:1"}],
         "initContainers":[{"name":"i","image":"x/i:1"}],
         "imagePullSecrets":[{"name":"one"}],
         "tolerations":[{"key":"k"}]}
        """;

    private SandboxCluster cluster = null!;
    private SandboxHttp http = null!;

    public static TheoryData<string, string, string> Strategic => new()
    {
        { """{"containers":[{"name":"a","imagePullPolicy":"Always"}]}""", "containers[*].name", "a b" },
        { """{"containers":[{"name":"a","imagePullPolicy":"Always"}]}""", "containers[0].image", "x/a:1" },
        { """{"containers":[{"name":"c","image":"x/c:1"}]}""", "containers[*].name", "c a b" },
        { """{"containers":[{"name":"b","imagePullPolicy":"Always"}]}""", "containers[*].name", "a b" },
        { """{"containers":[{"name":"b","$patch":"delete"}]}""", "containers[*].name", "a" },
        { """{"containers":[{"name":"z","image":"z:1"},{"$patch":"replace"}]}""", "containers[*].name", "z" },
        { """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", "containers[*].name", "b a" },
        { """{"containers":[{"name":"a","env":[{"name":"F","value":"3"},{"name":"G","value":"4"},{"name":"E","$patch":"delete"}]}]}""", "containers[0].env[*].value", "3 4" },
        { """{"containers":[{"name":"a","ports":[{"containerPort":81}]}]}""", "containers[0].ports[*].containerPort", "81 80" },
        { """{"initContainers":[{"name":"i","imagePullPolicy":"Always"}]}""", "initContainers[*].image", "x/i:1" },
        { """{"initContainers":null}""", "initContainers[*].name", "" },
        { """{"imagePullSecrets":[{"name":"two"}]}""", "imagePullSecrets[*].name", "two one" },
        { """{"tolerations":[{"key":"other"}]}""", "tolerations[*].key", "other" },
        { """{"nodeSelector":{"a":"b","c":null}}""", "nodeSelector.a", "b" },
    };

    public async ValueTask InitializeAsync()
    {
        cluster = await SandboxCluster.StartAsync();
        http = new SandboxHttp(cluster.ApiUrl);
        JsonObject web = Manifests.Deployment("web").Replicas(0);
        web["spec"]!["template"]!["spec"] = JsonNode.Parse(PodSpec);
        cluster.Apply(web);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await cluster.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Strategic))]
    public async Task StrategicMerge_OfAPodSpec_GivesWhatKubernetesGives(string patch, string path, string expected)
    {
        var body = $$"""{"spec":{"template":{"spec": {{patch}} } } }""";
        Answer answer = await http.PatchAsync($"{SandboxHttp.Deployments}/web", body);

        Assert.Equal(200, answer.Status);
        Assert.Equal(expected, Read(answer.Json["spec"]!["template"]!["spec"], path));
    }

    [Fact]
    public async Task StrategicMerge_OfFinalizers_TreatsThemAsASet()
    {
        await http.PatchAsync($"{SandboxHttp.Deployments}/web", """{"metadata":{"finalizers":["x/a","x/b"]}}""");
        Answer added = await http.PatchAsync($"{SandboxHttp.Deployments}/web", """{"metadata":{"finalizers":["x/c"]}}""");
        Answer removed = await http.PatchAsync($"{SandboxHttp.Deployments}/web", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["x/a"]}}""");

        Assert.Equal(3, added.Json["metadata"]!["finalizers"]!.AsArray().Count);
        Assert.Equal(["x/b", "x/c"], removed.Json["metadata"]!["finalizers"]!.AsArray().Select(text => (string)text!).Order());
    }

    [Fact]
    public async Task StrategicMerge_ContainerWithoutImage_Is422()
    {
        Answer answer = await http.PatchAsync(
            $"{SandboxHttp.Deployments}/web", """{"spec":{"template":{"spec":{"containers":[{"name":"ghost","imagePullPolicy":"Always"}]}}}}""");

        Assert.Equal(422, answer.Status);
        Assert.Equal("Deployment.apps \"web\" is invalid: spec.template.spec.containers[0].image: Required value", answer.Message);
    }

    [Fact]
    public async Task MergePatch_OfAList_ReplacesIt()
    {
        Answer answer = await http.PatchAsync(
            $"{SandboxHttp.Deployments}/web", """{"spec":{"template":{"spec":{"containers":[{"name":"z","image":"z:1"}]}}}}""", SandboxHttp.Merge);

        Assert.Equal("z", Read(answer.Json["spec"]!["template"]!["spec"], "containers[*].name"));
    }

    [Theory]
    [InlineData("application/json", "{}", 415)]
    [InlineData("application/json-patch+json", "[]", 415)]
    [InlineData(SandboxHttp.Strategic, "{\"a\":", 400)]
    [InlineData(SandboxHttp.Merge, "[]", 400)]
    public async Task Patch_OfAnotherForm_IsRefused(string type, string body, int status)
    {
        Answer answer = await http.PatchAsync($"{SandboxHttp.Deployments}/web", body, type);

        Assert.Equal(status, answer.Status);
    }

    /// <summary>A path such as <c>containers[*].name</c>; several values are separated by spaces.</summary>
    private static string Read(JsonNode? node, string path)
    {
        IEnumerable<JsonNode?> found = [node];
        foreach (string step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.'))
        {
            found = step switch
            {
                "[*]" => found.SelectMany(item => item?.AsArray() ?? []),
                ['[', .. var index, ']'] => found.Select(item => item![int.Parse(index)]),
                _ => found.Select(item => item?[step]),
            };
        }

        return string.Join(' ', found);
    }
}
