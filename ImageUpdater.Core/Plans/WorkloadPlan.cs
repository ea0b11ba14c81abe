using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Plans;

public sealed record WorkloadPlan
{
    public required WorkloadKey Key { get; init; }

    public required string Uid { get; init; }

    /// <summary>The patch applies to this version of the workload only.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Fingerprint of the pod template the plan was made for; empty in plans of versions without it.</summary>
    public string TemplateFingerprint { get; init; } = "";

    public required IReadOnlyList<ContainerDecision> Containers { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Set if the workload is restarted.</summary>
    public RestartChange? Restart { get; init; }

    public bool RemoveLegacyFinalizer { get; init; }

    /// <summary>The workload that runs the operator itself.</summary>
    public bool IsSelf { get; init; }

    /// <summary>Whether applying it would write to the cluster.</summary>
    public bool HasWork => Restart is not null || RemoveLegacyFinalizer;

    /// <summary>Restarted as soon as a rollout slot is free.</summary>
    public bool IsQueued => Restart is null && Containers.Any(container => container.IsDue);

    /// <summary>A container has no baseline yet, because its pods are still starting.</summary>
    public bool IsWaiting => Containers.Any(container => container.Reason == DecisionReason.Waiting);

    /// <summary>The action of the workload: the most important one of its containers.</summary>
    public ContainerAction Action => Containers.Count == 0 ? ContainerAction.NoOp : Containers.Max(container => container.Action);
}

/// <summary>What the patch of a restart contains, apart from the time.</summary>
/// <param name="LastDigest">The new value of the annotation.</param>
/// <param name="PullPolicies">Containers whose pull policy becomes <c>Always</c>, with what it was.</param>
public sealed record RestartChange(string LastDigest, IReadOnlyList<PullPolicyChange> PullPolicies)
{
    /// <summary>Containers that are pinned to the previous digest, or returned to their tag.</summary>
    public IReadOnlyList<ImageChange> Images { get; init; } = [];

    /// <summary>The new value of that annotation; null to leave it as it is, empty to remove it.</summary>
    public string? PinnedDigest { get; init; }
}

public sealed record PullPolicyChange(string Container, bool IsInit, string? Before);

public sealed record ImageChange(string Container, bool IsInit, string Before, string After);
