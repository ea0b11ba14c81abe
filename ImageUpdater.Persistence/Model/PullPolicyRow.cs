using ImageUpdater.Core.Plans;

namespace ImageUpdater.Persistence.Model;

/// <summary>A container whose pull policy a restart has set to <c>Always</c>: once is enough, it is not set again after somebody set it back.</summary>
internal sealed class PullPolicyRow
{
    public required string WorkloadUid { get; set; }

    public required string Container { get; set; }

    public WorkloadRow? Workload { get; set; }

    public ContainerId ContainerId => new(WorkloadUid, Container);
}
