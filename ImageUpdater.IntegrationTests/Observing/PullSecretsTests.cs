using System.Collections.Concurrent;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Host.Observing;
using ImageUpdater.IntegrationTests.Kubernetes;
using ImageUpdater.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace ImageUpdater.IntegrationTests.Observing;

public sealed class PullSecretsTests : IAsyncLifetime
{
    private readonly ScriptedTime time = new();
    private readonly ConcurrentDictionary<string, RequestDelegate> answers = new(StringComparer.Ordinal);
    private ScriptedApi api = null!;
    private ClusterClient client = null!;
    private PullSecrets secrets = null!;

    public async ValueTask InitializeAsync()
    {
        api = await ScriptedApi.StartAsync(context => answers.GetValueOrDefault(context.Request.Path.Value!.Split('/')[^1], Missing)(context));
        client = Connections.Client(api, time);
        secrets = new PullSecrets(client, time);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await api.DisposeAsync();
    }

    [Fact]
    public async Task Read_SeveralThatNameTheSame_AsksForEachOnceAndKeepsTheirOrder()
    {
        answers["robot"] = ScriptedApi.Json("""{"imagePullSecrets":[{"name":"two"},{"name":"one"}]}""");
        answers["one"] = Secret("one.example.com");
        answers["two"] = Secret("two.example.com");
        var robot = new PullIdentity("a", "robot", []);
        var named = new PullIdentity("a", "robot", ["one", "absent", "two"]);

        var read = await ReadAsync(robot, named);

        Assert.Equal(["two.example.com", "one.example.com"], Hosts(read, robot));
        Assert.Equal(["one.example.com", "two.example.com"], Hosts(read, named));
        Assert.Empty(read.Warnings);
        Assert.Equal("cannot read pull secret a/absent: secrets \"absent\" not found", Assert.Single(read.Missing));
        Assert.Equal(4, api.Requests.Count);

        await ReadAsync(robot, named);
        Assert.Equal(4, api.Requests.Count);
        time.Advance(TimeSpan.FromMinutes(5));
        await ReadAsync(robot, named);
        Assert.Equal(8, api.Requests.Count);
    }

    [Fact]
    public async Task Read_Many_AreReadSideBySide()
    {
        var (running, most) = (0, 0);
        for (var i = 0; i < 40; i++)
        {
            answers[$"s{i}"] = async context =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Delay(50);
                Interlocked.Decrement(ref running);
                await Secret("r.example.com")(context);
            };
        }

        var read = await ReadAsync([.. Enumerable.Range(0, 40).Select(i => new PullIdentity("a", "default", [$"s{i}"]))]);

        Assert.Equal(40, read.Configs.Count);
        Assert.InRange(most, 2, 8);
    }

    [Fact]
    public async Task Read_WhatFailed_IsRetriedInTheNextRoundOnly()
    {
        answers["one"] = ScriptedApi.Status(403, "Forbidden", "secrets is forbidden");
        var one = new PullIdentity("a", "default", ["one"]);
        var round = secrets.NextRound();
        Assert.Equal("cannot read pull secret a/one: secrets is forbidden", Assert.Single((await secrets.ReadAsync([one], round, refusedAt: null, CancellationToken.None)).Warnings));
        Assert.Single((await secrets.ReadAsync([one], secrets.NextRound(), refusedAt: round, CancellationToken.None)).Warnings);
        Assert.Single(api.Requests);

        answers["one"] = Secret("r.example.com");
        Assert.Empty((await ReadAsync(one)).Warnings);
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task Read_AfterARefusal_ReadsAgainWhatAnEarlierRoundRead()
    {
        answers["robot"] = ScriptedApi.Json("{}");
        answers["one"] = Secret("r.example.com");
        var robot = new PullIdentity("a", "robot", []);
        Assert.Empty(Hosts(await ReadAsync(robot), robot));
        answers["robot"] = ScriptedApi.Json("""{"imagePullSecrets":[{"name":"one"}]}""");

        var round = secrets.NextRound();
        Assert.Empty(Hosts(await secrets.ReadAsync([robot], round, refusedAt: null, CancellationToken.None), robot));
        Assert.Equal(["r.example.com"], Hosts(await secrets.ReadAsync([robot], secrets.NextRound(), refusedAt: round, CancellationToken.None), robot));
        Assert.Equal(["r.example.com"], Hosts(await ReadAsync(robot), robot));
        Assert.Equal(3, api.Requests.Count);
    }

    [Fact]
    public async Task Read_MoreThanEightMegabytes_LeavesOutTheLargestOfTheNamespaceWithTheMost()
    {
        // A little more than half a MiB each, so fifteen are 8 MiB.
        for (var i = 0; i < 20; i++)
            answers[$"s{i}"] = Secret("r.example.com", entries: 32, length: 8 * 1024);
        answers["last"] = Secret("r.example.com", entries: 2, length: 8 * 1024);
        PullIdentity[] large = [.. Enumerable.Range(0, 20).Select(i => new PullIdentity("a", "default", [$"s{i}"]))];
        var small = new PullIdentity("b", "default", ["last"]);

        for (var round = 0; round < 2; round++)
        {
            var read = await ReadAsync([.. large, small]);

            Assert.Equal(15, large.Count(identity => read.Configs[identity].Count == 1));
            Assert.Equal(2, Assert.Single(read.Configs[small]).Entries.Count);
            Assert.Equal(
                "the largest pull secrets of namespace a are not used: those of all namespaces together exceed 8 MiB, and it has the most",
                Assert.Single(read.Warnings.Distinct()));
        }

        // What does not fit is not cached. Expired entries are removed to make space.
        Assert.Equal(21 + 5, api.Requests.Count(request => request.Path.Contains("/namespaces/a/", StringComparison.Ordinal)) + 1);
        time.Advance(TimeSpan.FromMinutes(6));
        await ReadAsync([.. large, small]);
        Assert.Equal(21 + 5 + 20, api.Requests.Count(request => request.Path.Contains("/namespaces/a/", StringComparison.Ordinal)) + 1);
    }

    [Fact]
    public async Task Read_TheClockWasPutBack_ReadsAgain()
    {
        answers["one"] = Secret("r.example.com");
        var one = new PullIdentity("a", "default", ["one"]);
        await ReadAsync(one);
        time.Advance(TimeSpan.FromHours(-1));
        await ReadAsync(one);
        Assert.Equal(2, api.Requests.Count);
    }

    private Task<PullSecretReading> ReadAsync(params PullIdentity[] identities) => secrets.ReadAsync(identities, secrets.NextRound(), refusedAt: null, CancellationToken.None);

    private static IEnumerable<string> Hosts(PullSecretReading read, PullIdentity identity) =>
        read.Configs[identity].SelectMany(config => config.Entries).Select(entry => entry.Key.ToString());

    private static Task Missing(HttpContext context)
    {
        var name = context.Request.Path.Value!.Split('/')[^1];
        return ScriptedApi.Status(404, "NotFound", $"secrets \"{name}\" not found")(context);
    }

    private static RequestDelegate Secret(string registry, int entries = 1, int length = 1)
    {
        var auths = Enumerable.Range(0, entries).Select(i => $$"""
            "{{registry}}{{(i == 0 ? "" : $"/{i}")}}":{"username":"u","password":"{{new string('p', length)}}"}
            """);
        var config = $$$"""{"auths":{ {{{string.Join(',', auths)}}} } }""";
        return ScriptedApi.Json($$$"""{"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"{{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(config))}}}"} }""");
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
