using System.Text;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;
using ImageUpdater.Reports;

namespace ImageUpdater.UnitTests.Reports;

/// <summary>A week with many changes in a small cluster.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    public static readonly WorkloadKey Web = new("shop", WorkloadKind.Deployment, "web");
    public static readonly WorkloadKey Photos = new("media", WorkloadKind.Deployment, "photos");
    public static readonly WorkloadKey Database = new("shop", WorkloadKind.StatefulSet, "database");
    public static readonly WorkloadKey Agent = new("monitoring", WorkloadKind.DaemonSet, "agent");
    public static readonly WorkloadKey Operator = new("image-updater", WorkloadKind.Deployment, "image-updater");

    public static Digest Digest(string content) => Core.Images.Digest.OfContent(Encoding.UTF8.GetBytes(content));

    public static ImageReference Image(string text) => ImageReference.Parse(text).Value!;

    public static string Uid(WorkloadKey key) => $"uid-{key.Namespace}-{key.Name}";

    public static RolloutPlan Plan() => new()
    {
        CreatedAt = Now.AddTicks(1234567),
        Scope = new PlanScope(Namespaces: null, [WorkloadKind.Deployment, WorkloadKind.StatefulSet, WorkloadKind.DaemonSet]),
        ImageCount = 7,
        Limits = new PlanLimits(MaxRollouts: 5, MaxRolloutsPerNamespace: 2),
        Images =
        [
            new ImageOutlook(Image("ghcr.io/photos/server:release"), Now, Now.AddSeconds(287), Failure: null),
            new ImageOutlook(Image("postgres:17"), LastChecked: null, NextCheck: null, Failure: null),
            new ImageOutlook(Image("registry.example:5000/agent:stable"), Now, Now.AddMinutes(20), "registry.example:5000 answered 429 Too Many Requests"),
        ],
        Warnings = ["cronjobs may not be listed: the role lacks 'list'"],
        Workloads =
        [
            Workload(Photos, [
                Container("photos", "ghcr.io/photos/server:release", ContainerAction.Hold, DecisionReason.Paused, "the Deployment is paused; resume it with kubectl rollout resume", "p1", "p2"),
            ]),
            Workload(Agent, [
                Container("agent", "registry.example:5000/agent:stable", ContainerAction.Skip, DecisionReason.RegistryFailed, "registry.example:5000 answered 429 Too Many Requests", "a1", to: null),
            ]) with { RemoveLegacyFinalizer = true },
            Workload(Database, [
                Adopting(Container("postgres", "postgres:17", ContainerAction.NoOp, DecisionReason.FirstSeen, "first seen; current digest recorded as the baseline, unverified: it has no replicas", from: null, "d1"), Database, BaselineOrigin.FirstSeen),
                Container("exporter", "exporter@" + Digest("e1"), ContainerAction.NoOp, DecisionReason.Pinned, "pinned to a digest", from: null, to: null),
                Container("broken", "Not An Image", ContainerAction.Skip, DecisionReason.InvalidImage, "'Not An Image' is not a valid image reference", from: null, to: null),
            ]) with { Warnings = ["track-containers names 'postgre', which is not a container of the pod template"] },
            Workload(Web, [
                Container("web", "ghcr.io/shop/web:prod", ContainerAction.Restart, DecisionReason.DigestChanged, "the new digest", "w1", "w2"),
                Container("cache", "redis:7", ContainerAction.NoOp, DecisionReason.UpToDate, "up to date", "r1", "r1"),
                Container("migrate", "ghcr.io/shop/migrate:prod", ContainerAction.Restart, DecisionReason.DigestChanged, "the manifest for linux/arm64 is another", "m1", "m2") with { IsInit = true },
            ]) with { Restart = Restart([("cache", "r1"), ("migrate", "m2"), ("web", "w2")], [new PullPolicyChange("web", IsInit: false, "IfNotPresent"), new PullPolicyChange("migrate", IsInit: true, Before: null)]) },
            Workload(Operator, [
                Adopting(Container("image-updater", "ghcr.io/eznix86/image-updater:1", ContainerAction.Restart, DecisionReason.DigestChanged, "the new digest", "i1", "i2"), Operator, BaselineOrigin.LastDigest),
            ]) with { IsSelf = true, Restart = Restart([("image-updater", "i2")], []) },
        ],
    };

    public static AuditReportInput Week() => new(
        Now,
        Now.AddDays(-7),
        Now,
        Namespace: null,
        Cluster: "homelab",
        [
            Rollout("r-7", Web, Now.AddMinutes(-3), RolloutState.Running, ended: null, "ghcr.io/shop/web:prod", "w1", "w2"),
            Rollout("r-6", Photos, Now.AddHours(-5), RolloutState.Succeeded, TimeSpan.FromSeconds(72), "ghcr.io/photos/server:release", "p0", "p1") with
            {
                Outcome = "successfully rolled out; 2 of 2 pods are available", Verification = RolloutVerification.Verified, VerificationMessage = "all 2 pods report the new digest",
                PullPolicies = [new PullPolicyChange("photos", IsInit: false, "IfNotPresent")],
            },
            Rollout("r-5", Agent, Now.AddDays(-1), RolloutState.TimedOut, TimeSpan.FromMinutes(10), "registry.example:5000/agent:stable", "a0", "a1") with
            {
                Outcome = "2 of 5 nodes did not become ready within 10 min", Verification = RolloutVerification.Mismatch, VerificationMessage = "agent-x7k2p reports another digest", Actor = "anna (apply)",
            },
            Rollout("r-4", Database, Now.AddDays(-2), RolloutState.Failed, TimeSpan.FromMinutes(5), "postgres:17", "d0", "d1") with
            {
                Outcome = "the new pod does not start: CrashLoopBackOff (exit code 1, 6 restarts)",
            },
            Rollout("r-3", Web, Now.AddDays(-2).AddHours(-2), RolloutState.Succeeded, TimeSpan.FromSeconds(41), "ghcr.io/shop/web:prod", "w0", "w1") with
            {
                Verification = RolloutVerification.Unverified, VerificationMessage = "the runtime reports the digest of the config",
                Changes =
                [
                    new DigestChange("web", IsInit: false, "ghcr.io/shop/web:prod", Digest("w0"), Digest("w1"), DecisionReason.DigestChanged),
                    new DigestChange("migrate", IsInit: true, "ghcr.io/shop/migrate:prod", From: null, Digest("m1"), DecisionReason.NoBaseline),
                ],
            },
            Rollout("r-2", Photos, Now.AddDays(-5), RolloutState.Superseded, TimeSpan.FromSeconds(20), "ghcr.io/photos/server:release", "p-1", "p0"),
            Rollout("r-1", Operator, Now.AddDays(-6), RolloutState.Mismatch, TimeSpan.FromSeconds(15), "ghcr.io/eznix86/image-updater:1", "i0", "i1") with
            {
                Outcome = "rolled out", Verification = RolloutVerification.Mismatch, VerificationMessage = "pod image-updater-0 reports i0 for image-updater, not i1",
            },
        ],
        [
            LastDecisions(Photos, "photos", "ghcr.io/photos/server:release", ContainerAction.Hold, DecisionReason.Paused, "the Deployment is paused; resume it with kubectl rollout resume", Now.AddDays(-1), "p1", "p2"),
            LastDecisions(Agent, "agent", "registry.example:5000/agent:stable", ContainerAction.Skip, DecisionReason.RegistryFailed, "registry.example:5000 answered 429 Too Many Requests", Now.AddHours(-3), "a1", to: null),
            LastDecisions(Web, "web", "ghcr.io/shop/web:prod", ContainerAction.NoOp, DecisionReason.UpToDate, "up to date", Now.AddHours(-3), "w2", "w2"),
        ],
        [
            Record(1, Now.AddDays(-6), AuditAction.Restarted, Operator, "controller", "restarted for image-updater: the new digest"),
            Record(2, Now.AddDays(-2), AuditAction.RolloutFailed, Database, "controller", "the rollout failed: the new pod does not start: CrashLoopBackOff (exit code 1, 6 restarts)"),
            Record(3, Now.AddDays(-1), AuditAction.DecisionChanged, Photos, "controller", "photos held: the Deployment is paused; resume it with kubectl rollout resume"),
            Record(4, Now.AddDays(-1).AddMinutes(10), AuditAction.RestartFailed, Agent, "anna (apply)", "2 of 5 nodes did not become ready within 10 min"),
            Record(5, Now.AddHours(-5), AuditAction.FinalizerRemoved, Agent, "controller", "removed the finalizer of the former operator"),
            Record(6, Now.AddMinutes(-3), AuditAction.Restarted, Web, "controller", "restarted for web: the new digest"),
        ],
        [
            new ImageState(
                Image("registry.example:5000/agent:stable"), Digest("a1"), "application/vnd.oci.image.index.v1+json", Now.AddMinutes(-5), Now.AddDays(-1),
                new RegistryFailure(RegistryFailureKind.RateLimited, "registry.example:5000 answered 429 Too Many Requests", Now.AddMinutes(25)), 14),
        ],
        ["Records older than 90 days were removed by retention."]);

    public static AuditReportInput Empty() => new(Now, Now.AddDays(-7), Now, Namespace: null, Cluster: null, [], [], [], [], []);

    public static Rollout Rollout(
        string id, WorkloadKey key, DateTimeOffset started, RolloutState state, TimeSpan? ended, string image, string from, string to) => new()
        {
            Id = id,
            Workload = key,
            Uid = Uid(key),
            PlanId = "plan-" + id,
            Actor = "controller",
            StartedAt = started,
            RestartedAt = "2026-11-22T10:00:00Z",
            LastDigest = $"{key.Name}:{Digest(to)}",
            Patch = "{}",
            ResourceVersionBefore = "1",
            Changes = [new DigestChange(key.Name, IsInit: false, image, Digest(from), Digest(to), DecisionReason.DigestChanged)],
            Baselines = [],
            PullPolicies = [],
            State = state,
            EndedAt = started + ended,
        };

    public static LastDecision LastDecisions(
        WorkloadKey key, string container, string image, ContainerAction action, DecisionReason reason, string explanation, DateTimeOffset since, string? from, string? to) => new(
        new ContainerId(Uid(key), container), key, image, action, reason, explanation, from is null ? null : Digest(from), to is null ? null : Digest(to), since);

    public static AuditRecord Record(long id, DateTimeOffset at, AuditAction action, WorkloadKey key, string actor, string message) =>
        new(at, action, key, Uid(key), actor, message) { Id = id };

    private static WorkloadPlan Workload(WorkloadKey key, IReadOnlyList<ContainerDecision> containers) => new()
    {
        Key = key,
        Uid = Uid(key),
        ResourceVersion = "4711",
        TemplateFingerprint = "9b1c0f6f0d7e4a53b2c48d1e7a6f5e04",
        Containers = containers,
    };

    private static ContainerDecision Container(
        string name, string image, ContainerAction action, DecisionReason reason, string explanation, string? from, string? to) => new(
        name, IsInit: false, image, ImageReference.Parse(image).Value, action, reason, explanation, from is null ? null : Digest(from), to is null ? null : Digest(to));

    private static ContainerDecision Adopting(ContainerDecision container, WorkloadKey key, BaselineOrigin origin) => container with
    {
        Adopt = new Baseline(
            new ContainerId(Uid(key), container.Container), container.Image!, (origin == BaselineOrigin.FirstSeen ? container.To : container.From)!, origin, Now.AddTicks(1234567))
        { IsUnverified = origin == BaselineOrigin.FirstSeen },
    };

    private static RestartChange Restart(IEnumerable<(string Container, string Content)> digests, IReadOnlyList<PullPolicyChange> policies) =>
        new(LastDigestMap.Of(digests.Select(digest => KeyValuePair.Create(digest.Container, Digest(digest.Content)))).ToString(), policies);
}
