using ImageUpdater.Core.Workloads;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class WorkloadListTests
{
    [Fact]
    public async Task List_SeveralPages_AreFollowedAndOnlyTheEnabledStay()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            ScriptedApi.Json(Page("a/b=", Item("one", "true"), Item("two", "false"))),
            ScriptedApi.Json(Page("c", Item("three", "True"), Item("four", enabled: null))),
            ScriptedApi.Json(Page("", Item("five", "true", "\"finalizers\":[\"x/y\",\"image-updater.eznix86.github.io/finalizer\"],")))));
        using var client = Connections.Client(api);

        var list = Connections.Require(await client.ListEnabledWorkloadsAsync(WorkloadKind.Deployment, null, CancellationToken.None));
        var workloads = list.Items;

        Assert.Equal(3, list.PassedOver.Count);
        var mistake = Assert.Single(list.PassedOver.Mistakes);
        Assert.Equal(("u-three", new EnablingMistake(new WorkloadKey("a", WorkloadKind.Deployment, "three"), "invalid enabled 'True'; use \"true\"")), (mistake.Key, mistake.Value));
        Assert.Equal(["one", "five"], workloads.Select(workload => workload.Key.Name));
        Assert.Equal([false, true], workloads.Select(workload => workload.HasLegacyFinalizer));
        Assert.Equal(["?limit=500", "?limit=500&continue=a%2Fb%3D", "?limit=500&continue=c"], api.Requests.Select(request => request.Query));
    }

    [Theory]
    [InlineData(WorkloadKind.Deployment, null, "/apis/apps/v1/deployments")]
    [InlineData(WorkloadKind.StatefulSet, "team-a", "/apis/apps/v1/namespaces/team-a/statefulsets")]
    [InlineData(WorkloadKind.DaemonSet, "team-a", "/apis/apps/v1/namespaces/team-a/daemonsets")]
    public async Task List_KindAndNamespace_MakeThePath(WorkloadKind kind, string? @namespace, string path)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json("""{"items":null}"""));
        using var client = Connections.Client(api);

        Assert.Empty(Connections.Require(await client.ListEnabledWorkloadsAsync(kind, @namespace, CancellationToken.None)).Items);
        Assert.Equal(path, api.Requests.Single().Path);
        Assert.StartsWith("image-updater/", api.Requests.Single().Headers.UserAgent.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ALaterPageIsGone_StartsAgainWithoutALimit()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            ScriptedApi.Json(Page("next", Item("one", "true"))),
            ScriptedApi.Status(410, "Expired", "The provided continue parameter is too old"),
            ScriptedApi.Json(Page("", Item("one", "true"), Item("two", "true")))));
        using var client = Connections.Client(api);

        var workloads = Connections.Require(await client.ListEnabledWorkloadsAsync(WorkloadKind.Deployment, null, CancellationToken.None)).Items;

        Assert.Equal(["one", "two"], workloads.Select(workload => workload.Key.Name));
        Assert.Equal(["?limit=500", "?limit=500&continue=next", ""], api.Requests.Select(request => request.Query));
    }

    [Fact]
    public async Task List_TheFirstPageIsGone_Fails()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Status(410, "Expired", "too old"));
        using var client = Connections.Client(api);

        var result = await client.ListEnabledWorkloadsAsync(WorkloadKind.Deployment, null, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.Gone, result.Failure!.Kind);
    }

    [Theory]
    [InlineData("again", "again")]
    [InlineData("one", "two")]
    public async Task List_ContinueForEver_Ends(string one, string other)
    {
        var isOther = false;
        await using var api = await ScriptedApi.StartAsync(context => ScriptedApi.Json(Page((isOther = !isOther) ? one : other))(context));
        using var client = Connections.Client(api);

        var result = await client.ListEnabledWorkloadsAsync(WorkloadKind.Deployment, null, CancellationToken.None);

        Assert.Equal(KubernetesFailureKind.InvalidAnswer, result.Failure!.Kind);
        Assert.Equal(2_000, api.Requests.Count);
    }

    [Fact]
    public async Task List_AnswerBreaksOffOnce_ReadsThePageAgain()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            async context =>
            {
                var page = Page("", Item("one", "true"), Item("two", "true"));
                context.Response.ContentType = "application/json";
                await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, page[..(page.Length / 2)]);
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
            ScriptedApi.Json(Page("", Item("one", "true"), Item("two", "true")))));
        using var client = Connections.Client(api);

        var workloads = Connections.Require(await client.ListEnabledWorkloadsAsync(WorkloadKind.Deployment, null, CancellationToken.None)).Items;

        Assert.Equal(["one", "two"], workloads.Select(workload => workload.Key.Name));
    }

    private static string Page(string @continue, params string[] items) =>
        $$"""{"kind":"DeploymentList","metadata":{"resourceVersion":"9","continue":"{{@continue}}"},"items":[{{string.Join(',', items)}}]}""";

    internal static string Item(string name, string? enabled, string more = "") => $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"a","uid":"u-{{{name}}}",{{{more}}}"resourceVersion":"5","annotations":{
        "kubectl.kubernetes.io/last-applied-configuration":"{\"a\":[1]}" {{{Enabled(enabled)}}} }},
        "spec":{"template":{"spec":{"containers":[{"name":"c","image":"nginx"}]} } } }
        """;

    private static string Enabled(string? value) => value is null ? "" : $",\"image-updater.eznix86.github.io/enabled\":\"{value}\"";
}
