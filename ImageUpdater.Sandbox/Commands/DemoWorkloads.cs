using System.Text.Json.Nodes;

namespace ImageUpdater.Sandbox.Commands;

/// <summary>Workloads that lead to different decisions.</summary>
internal static class DemoWorkloads
{
    private const string Namespace = "shop";

    public static async Task CreateAsync(SandboxCluster cluster, SandboxRegistry registry)
    {
        cluster.AddNamespace(Namespace);
        Push(registry, "first");
        string pinned = registry.DigestOf("cache", "latest")!;

        await AddAsync(Manifests.Deployment("web", ("app", registry.Reference("web")), ("proxy", registry.Reference("proxy", "stable")))
            .Replicas(2).Enabled(("track-containers", "app")));
        await AddAsync(Manifests.StatefulSet("database", ("postgres", registry.Reference("database", "stable"))).Enabled());
        await AddAsync(Manifests.DaemonSet("agent", ("agent", registry.Reference("agent"))).Enabled());
        await AddAsync(Manifests.Deployment("checkout", ("app", registry.Reference("web"))).Enabled());
        await AddAsync(Manifests.Deployment("cache", ("cache", $"{registry.Address}/cache@{pinned}")).Enabled());
        await AddAsync(Manifests.Deployment("untouched", ("app", registry.Reference("web"))));
        // Its image does not exist, so its rollout never completes and is not waited for.
        cluster.Apply(Manifests.Deployment("missing", ("app", registry.Reference("nowhere"))).In(Namespace).Enabled());
        cluster.Patch("deployment", Namespace, "checkout", """{"spec":{"paused":true}}""");

        async Task AddAsync(JsonObject workload)
        {
            cluster.Apply(workload.In(Namespace));
            await cluster.WaitForRolloutAsync((string)workload["kind"]!, Namespace, (string)workload["metadata"]!["name"]!);
        }
    }

    /// <summary>Pushes new content behind every tag.</summary>
    public static void Push(SandboxRegistry registry, string content)
    {
        registry.PushImage("web", "latest", content);
        registry.PushImage("proxy", "stable", content);
        registry.PushImage("database", "stable", content);
        registry.PushImage("cache", "latest", content);
        registry.PushIndex("agent", "latest", [new PlatformImage("linux/amd64", content), new PlatformImage("linux/arm64", content)]);
    }
}
