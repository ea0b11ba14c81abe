using ImageUpdater.Core;
using ImageUpdater.Core.Workloads;

namespace ImageUpdater.Host.Commands;

/// <summary>A workload in kubectl's form: <c>deployment/web</c>.</summary>
internal sealed record WorkloadArgument(WorkloadKind Kind, string Name)
{
    private const int MaxQuoted = 80;

    public static Result<WorkloadArgument, string> Read(string text) =>
        text.Split('/') is [var kindText, { Length: > 0 } name] && WorkloadKey.TryParseKind(kindText, out var kind)
            ? new WorkloadArgument(kind.Value, name)
            : $"invalid workload '{UntrustedText.Bound(text, MaxQuoted)}'; use KIND/NAME, for example deployment/web";

    public bool Names(WorkloadKey workload, string? @namespace) =>
        workload.Kind == Kind && workload.Name == Name && (@namespace is null || workload.Namespace == @namespace);
}
