using ImageUpdater.Core.Plans;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Core.Planning;

/// <summary>Whose <c>imagePullPolicy</c> a restart sets to <c>Always</c>.</summary>
/// <remarks>
/// | the policy            | the override                                   | a restart       |
/// |-----------------------|------------------------------------------------|-----------------|
/// | Always, Never         | any                                            | leaves it       |
/// | any other             | off, by annotation or by option                | leaves it       |
/// | any other             | was set by an earlier restart, and is gone     | leaves it       |
/// | any other             | on                                             | sets it         |
///
/// Whoever set it back, a person or a GitOps controller, would do so again, each time with a rollout of its own.
/// </remarks>
internal sealed class PullPolicyOverride(WorkloadSnapshot workload, HoldSettings settings, PlanningInput input)
{
    // The snapshot is from an informer that has not seen our patch yet: its policies are from before the patch.
    private readonly bool isBehind = input.Running.TryGetValue(workload.Uid, out var running) && running.RestartedAt != workload.RestartedAt;

    public bool IsOn { get; } = settings.PullPolicyAlways ?? input.Options.PullPolicyAlways;

    public bool WasSetBack(ContainerSpec container) => IsOn && IsOther(container) && IsSet(container) && !isBehind;

    /// <summary>All containers of the template, since a restart starts them all anew; init containers if they are tracked.</summary>
    public IReadOnlyList<PullPolicyChange> Changes(ContainerSelection selection) => !IsOn ? [] :
    [
        .. workload.Containers.Where(Applies).Select(container => new PullPolicyChange(container.Name, IsInit: false, container.PullPolicy)),
        .. selection.TrackedInit.Where(Applies).Select(container => new PullPolicyChange(container.Name, IsInit: true, container.PullPolicy)),
    ];

    private bool Applies(ContainerSpec container) => IsOther(container) && !IsSet(container);

    private bool IsSet(ContainerSpec container) => input.PullPoliciesSet.Contains(new ContainerId(workload.Uid, container.Name));

    private static bool IsOther(ContainerSpec container) => container.PullPolicy != "Always" && !container.IsNeverPulled;
}
