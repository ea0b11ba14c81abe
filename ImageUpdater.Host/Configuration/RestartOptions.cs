using ImageUpdater.Core.Planning;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Configuration;

/// <summary>What is restarted, and what a restart changes.</summary>
internal sealed class RestartOptions(OptionSource source)
{
    /// <summary>A restart also sets <c>imagePullPolicy: Always</c>. The chart turns it on.</summary>
    public bool PullPolicyAlways { get; } = source.Read(
        "AutomaticallySetImagePullPolicyToAlways", OptionKinds.Flag, "false", "A restart also sets `imagePullPolicy: Always` where it is missing. The chart turns it on.",
        published: "AUTOMATICALLY_SET_IMAGE_PULL_POLICY_TO_ALWAYS");

    public FirstSeen FirstSeen { get; } = source.Read(
        "FirstSeen", OptionKinds.Choice<FirstSeen>(), nameof(FirstSeen.Adopt), "What happens to a container without a baseline: what is served is adopted, or it is restarted once.");

    /// <summary>The workload that runs the operator; null where none does.</summary>
    public WorkloadKey? Self { get; } = source.ReadOrNone(
        "Self", OptionKinds.Workload, "none", "The workload that runs ImageUpdater: its restart comes last.");

    public TimeSpan RolloutTimeout { get; } = source.Read(
        "RolloutTimeout", OptionKinds.Seconds, "900", "A rollout that takes longer counts as timed out, and is followed no further. One that somebody else began is waited for as long.");
}
