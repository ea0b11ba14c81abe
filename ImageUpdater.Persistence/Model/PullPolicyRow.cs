using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence.Model;

/// <summary>A container whose pull policy a restart has set to <c>Always</c>. If somebody sets it back, it is not set again.</summary>
internal sealed class PullPolicyRow
{
    public required string WorkloadUid { get; set; }

    public required string Container { get; set; }

    /// <summary>When the policy was first set.</summary>
    public required DateTimeOffset Since { get; set; }

    public WorkloadRow? Workload { get; set; }

    public ContainerId ContainerId => new(WorkloadUid, Container);
}
