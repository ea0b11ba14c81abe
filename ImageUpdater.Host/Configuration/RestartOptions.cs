using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Configuration;

/// <summary>What is restarted, and what a restart changes.</summary>
internal sealed class RestartOptions(OptionSource source)
{
    /// <summary>Whether a restart also sets <c>imagePullPolicy: Always</c>. The chart enables it.</summary>
    public bool PullPolicyAlways { get; } = source.Read(
        "AutomaticallySetImagePullPolicyToAlways", OptionKinds.Flag, "false",
        "Also set `imagePullPolicy: Always` on restart where it is not set. `Never` is not changed, "
        + "and what somebody set back is not set again. The annotation `pull-policy` overrides this. The chart enables this.",
        published: "AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS");

    public FirstSeen FirstSeen { get; } = source.Read(
        "FirstSeen", OptionKinds.Choice<FirstSeen>(), nameof(FirstSeen.Adopt),
        "What to do with a container without a baseline: `Adopt` records the current digest as the baseline, `Restart` restarts it once.");

    /// <summary>The workload that runs the operator; null if not configured.</summary>
    public WorkloadKey? Self { get; } = source.ReadOrNone(
        "Self", OptionKinds.Workload, "none", "The workload that runs ImageUpdater; it is restarted last.");

    public TimeSpan RolloutTimeout { get; } = source.Read(
        "RolloutTimeout", OptionKinds.Seconds, "900",
        "How long a rollout may go without progress. After that it counts as timed out and is no longer tracked. A Deployment's "
        + "`progressDeadlineSeconds` is used instead, and the annotation `rollout-timeout` overrides both. Also the maximum time that a "
        + "rollout started by someone else holds a restart.");

    /// <summary>Whether nothing is changed in the cluster.</summary>
    public bool ObserveOnly { get; } = source.Read(
        "ObserveOnly", OptionKinds.Flag, "false",
        "Only observe, plan and report: nothing is restarted, no finalizer is removed and no annotation is written, so that no permission to patch is needed. `apply` and `approve` are refused.");
}
