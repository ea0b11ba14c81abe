using System.Text;
using ImageUpdater.Core.Images;
using ImageUpdater.Kubernetes.Calls;
using ImageUpdater.Kubernetes.Nodes;

namespace ImageUpdater.IntegrationTests.Kubernetes;

public sealed class KubernetesReadTests
{
    [Fact]
    public async Task ListPods_Selector_IsSentOnEveryPage()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            ScriptedApi.Json("""{"metadata":{"continue":"n"},"items":[{"metadata":{"name":"one"}}]}"""),
            ScriptedApi.Json("""{"items":[{"metadata":{"name":"evicted"},"status":{"phase":"Failed"}},{"metadata":{"name":"two"}}]}""")));
        using var client = Connections.Client(api);

        var pods = Connections.Require(await client.ListPodsAsync("team-a", "app in (a,b)", CancellationToken.None));

        Assert.Equal(["one", "two"], pods.Select(pod => pod.Name));
        Assert.Equal(
            ["?labelSelector=app%20in%20%28a%2Cb%29&limit=500", "?continue=n&labelSelector=app%20in%20%28a%2Cb%29&limit=500"],
            api.Requests.Select(request => request.Query));
        Assert.All(api.Requests, request => Assert.Equal("/api/v1/namespaces/team-a/pods", request.Path));
    }

    [Fact]
    public async Task ListPods_NoSelector_AsksNothing()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json("""{"items":[]}"""));
        using var client = Connections.Client(api);

        Assert.Equal(KubernetesFailureKind.Invalid, (await client.ListPodsAsync("team-a", " ", CancellationToken.None)).Failure!.Kind);
        Assert.Empty(api.Requests);
    }

    [Theory]
    [InlineData("""{"items":[{"metadata":{"name":"one","deletionTimestamp":"soon"}}]}""")]
    [InlineData("""{"items":[{"metadata":{"name":"one","deletionTimestamp":5}}]}""")]
    [InlineData("""{"items":[{"metadata":{"name":["one"]}}]}""")]
    [InlineData("""{"items":{}}""")]
    [InlineData("null")]
    public async Task ListPods_WhatTheLibraryCannotRead_IsAnInvalidAnswer(string body)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(body));
        using var client = Connections.Client(api);

        var failure = (await client.ListAllPodsAsync("team-a", CancellationToken.None)).Failure!;

        Assert.Equal(new KubernetesFailure(KubernetesFailureKind.InvalidAnswer, "invalid response from /api/v1/namespaces/team-a/pods: not a Kubernetes API response"), failure);
    }

    [Theory]
    [InlineData("""{"items":[null]}""")]
    [InlineData("""{"items":null}""")]
    [InlineData("{}")]
    [InlineData("""{"items":[],"metadata":{"remainingItemCount":"of no interest"}}""")]
    public async Task ListPods_NothingInIt_IsNone(string body)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(body));
        using var client = Connections.Client(api);

        Assert.Empty(Connections.Require(await client.ListAllPodsAsync("team-a", CancellationToken.None)));
    }

    [Fact]
    public async Task ListNodes_Pages_AreReadForTheLabelsOfThePlatform()
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.InOrder(
            ScriptedApi.Json("""
                {"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"9","continue":"next"},"items":[
                  {"metadata":{"name":"a","uid":"1","labels":{"kubernetes.io/os":"linux","kubernetes.io/arch":"arm64","other":"x"},"managedFields":[{"manager":"kubelet"}]}},
                  {"metadata":{"name":"b","uid":"2","labels":{"kubernetes.io/os":"linux"}}}]}
                """),
            ScriptedApi.Json("""
                {"kind":"NodeList","metadata":{"resourceVersion":"9"},"items":[
                  {"metadata":{"name":"c","uid":"3","labels":{"kubernetes.io/arch":"arm64","kubernetes.io/os":"linux"}},"spec":{"podCIDR":"x"},"status":{"images":[{"names":["x"]}]}},
                  {"metadata":{"name":"d","uid":"4"},"status":{"nodeInfo":{"operatingSystem":"linux","architecture":"amd64"}}}]}
                """)));
        using var client = Connections.Client(api);

        var nodes = Connections.Require(await client.ListNodesAsync(CancellationToken.None));

        var arm = new Platform("linux", "arm64");
        Assert.Equal([new("1", arm), new("2", null), new("3", arm), new NodeSnapshot("4", null)], nodes.Items);
        Assert.Same(nodes.Items[0].Platform, nodes.Items[2].Platform);
        Assert.Equal("9", nodes.Version);
        Assert.Equal(["?limit=500", "?limit=500&continue=next"], api.Requests.Select(request => request.Query));
        Assert.All(api.Requests, request => Assert.Equal("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json", request.Headers.Accept));
    }

    [Theory]
    [InlineData("""{"items":[null]}""")]
    [InlineData("""{"items":[{"metadata":{"name":"a"}}]}""")]
    [InlineData("""[]""")]
    public async Task ListNodes_WhatIsNoNode_Fails(string body)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(body));
        using var client = Connections.Client(api);

        Assert.Equal(KubernetesFailureKind.InvalidAnswer, (await client.ListNodesAsync(CancellationToken.None)).Failure!.Kind);
    }

    [Theory]
    [InlineData("kubernetes.io/dockerconfigjson", ".dockerconfigjson", false)]
    [InlineData("kubernetes.io/dockercfg", ".dockercfg", true)]
    public async Task GetPullSecret_EitherForm_GivesItsBytes(string type, string key, bool isDockerCfg)
    {
        var data = Convert.ToBase64String("""{"auths":{}}"""u8);
        await using var api = await ScriptedApi.StartAsync(
            ScriptedApi.Json($$$"""{"type":"{{{type}}}","data":{"{{{key}}}":"{{{data}}}","other":"aGk="}}"""));
        using var client = Connections.Client(api);

        var secret = Connections.Require(await client.GetPullSecretAsync("team-a", "regcred", CancellationToken.None));

        Assert.Equal("""{"auths":{}}""", Encoding.UTF8.GetString(secret.Data.Span));
        Assert.Equal((type, isDockerCfg), (secret.Type, secret.IsDockerCfg));
        Assert.Equal("/api/v1/namespaces/team-a/secrets/regcred", api.Requests.Single().Path);
        Assert.DoesNotContain("auths", secret.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"Opaque","data":{"password":"eA=="}}""", "secret team-a/regcred of type 'Opaque' is not a valid pull secret")]
    [InlineData("""{"type":"Opaque","data":{".dockerconfigjson":"e30="}}""", "secret team-a/regcred of type 'Opaque' is not a valid pull secret and is ignored")]
    [InlineData("""{"type":"kubernetes.io/dockercfg","data":{".dockerconfigjson":"e30="}}""", "secret team-a/regcred of type 'kubernetes.io/dockercfg' is not a valid pull secret")]
    [InlineData("""{"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":""}}""", "secret team-a/regcred of type 'kubernetes.io/dockerconfigjson' is not a valid pull secret")]
    [InlineData("""{"type":"Opaque"}""", "secret team-a/regcred of type 'Opaque' is not a valid pull secret")]
    [InlineData("""{"data":{".dockerconfigjson":"hush!"}}""", "invalid response from /api/v1/namespaces/team-a/secrets/regcred: not a Kubernetes API response")]
    public async Task GetPullSecret_NoneInIt_SaysSoWithoutTheData(string body, string message)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(body));
        using var client = Connections.Client(api);

        var failure = (await client.GetPullSecretAsync("team-a", "regcred", CancellationToken.None)).Failure!;

        Assert.Equal(KubernetesFailureKind.InvalidAnswer, failure.Kind);
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"imagePullSecrets":[{"name":"b"},{"name":"a"},{}]}""", "b,a")]
    [InlineData("""{"metadata":{}}""", "")]
    public async Task GetServiceAccountPullSecrets_InOrder(string body, string names)
    {
        await using var api = await ScriptedApi.StartAsync(ScriptedApi.Json(body));
        using var client = Connections.Client(api);

        var secrets = Connections.Require(await client.GetServiceAccountPullSecretsAsync("team-a", "default", CancellationToken.None));

        Assert.Equal(names, string.Join(',', secrets));
    }
}
