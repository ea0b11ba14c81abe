using System.Text;
using ImageUpdater.Core.Applying;
using ImageUpdater.Core.Auditing;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.UnitTests.Persistence;

/// <summary>Sample data for stores.</summary>
internal static class Samples
{
    public const string Index = "application/vnd.oci.image.index.v1+json";

    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static readonly WorkloadKey Web = new("shop", WorkloadKind.Deployment, "web");

    public static Digest Digest(string content) => Core.Images.Digest.OfContent(Encoding.UTF8.GetBytes(content));

    public static ImageReference Image(string text) => ImageReference.Parse(text).Value!;

    public static ServedCheck Served(string image, string content, DateTimeOffset? at = null) =>
        new(Image(image), at ?? Noon, Digest(content), Index);

    public static FailedCheck Failed(string image, RegistryFailureKind kind = RegistryFailureKind.TimedOut, DateTimeOffset? at = null, DateTimeOffset? retryAt = null) =>
        new(Image(image), at ?? Noon, new RegistryFailure(kind, "the registry did not answer", retryAt));

    public static Baseline Baseline(string uid, string container, string content) =>
        new(new ContainerId(uid, container), Image("nginx"), Digest(content), BaselineOrigin.FirstSeen, Noon) { IsUnverified = true };

    public static AuditRecord Record(
        string message, string uid = "uid-web", WorkloadKey? workload = null, DateTimeOffset? at = null,
        AuditAction action = AuditAction.DecisionChanged, string? rollout = null) =>
        new(at ?? Noon, action, workload ?? Web, uid, "controller", message, RolloutId: rollout);

    public static AuditRecord Restarted(Rollout rollout, DateTimeOffset? at = null) =>
        new(at ?? Noon, AuditAction.Restarted, rollout.Workload, rollout.Uid, rollout.Actor, "restarted", PlanId: rollout.PlanId, RolloutId: rollout.Id, Patch: rollout.Patch);

    public static FinalizerRemoval FinalizerRemoval(string uid = "uid-web", string patch = "{}") => new(Web, uid, "controller", "plan-1", Noon, patch);

    public static Rollout Rollout(string id, string uid = "uid-web", WorkloadKey? workload = null, DateTimeOffset? at = null, string content = "new") => new()
    {
        Id = id,
        Workload = workload ?? Web,
        Uid = uid,
        PlanId = "plan-1",
        Actor = "controller",
        StartedAt = at ?? Noon,
        RestartedAt = "2026-11-23T12:00:00Z",
        LastDigest = $"web:{Digest(content)}",
        PreviousLastDigest = $"web:{Digest("old")}",
        Patch = """{"spec":{}}""",
        ResourceVersionBefore = "41",
        Changes = [new DigestChange("web", IsInit: false, "nginx", Digest("old"), Digest(content), DecisionReason.DigestChanged)],
        Baselines =
        [
            new Baseline(new ContainerId(uid, "web"), Image("nginx"), Digest(content), BaselineOrigin.RolledOut, at ?? Noon),
            new Baseline(new ContainerId(uid, "init"), Image("ghcr.io/a/b:1@" + Digest("pin")), Digest("pin"), BaselineOrigin.SameManifests, at ?? Noon),
        ],
        PullPolicies = [new PullPolicyChange("web", IsInit: false, "IfNotPresent"), new PullPolicyChange("init", IsInit: true, Before: null)],
    };

    public static RolloutPlan Plan(params WorkloadPlan[] workloads) =>
        new() { CreatedAt = Noon, Scope = PlanScope.Everything, Workloads = workloads };

    public static WorkloadPlan Workload(string uid, string name, params ContainerDecision[] containers) => new()
    {
        Key = new WorkloadKey("shop", WorkloadKind.Deployment, name),
        Uid = uid,
        ResourceVersion = "41",
        Containers = containers,
    };

    public static ContainerDecision Decision(
        string container, ContainerAction action, DecisionReason reason, string? from = null, string? to = null, Baseline? adopt = null) =>
        new(container, IsInit: false, "nginx", Image("nginx"), action, reason, $"because {reason}",
            from is null ? null : Digest(from), to is null ? null : Digest(to), adopt);

    public static JournalEntry Journal(RolloutPlan plan, IReadOnlyDictionary<ContainerId, LastDecision>? before = null, string? planId = null) =>
        DecisionJournal.Compare(before ?? new Dictionary<ContainerId, LastDecision>(), plan, "controller", planId);
}
