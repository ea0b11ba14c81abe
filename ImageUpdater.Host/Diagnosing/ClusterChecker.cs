using ImageUpdater.Core;
using ImageUpdater.Kubernetes;
using ImageUpdater.Kubernetes.Calls;

namespace ImageUpdater.Host.Diagnosing;

/// <summary>Whether the API server can be reached with the credentials of the kubeconfig or the pod.</summary>
internal static class ClusterChecker
{
    private const string Then = "the checks of clock, permissions, workloads and registries need the cluster";

    /// <param name="connection">For messages.</param>
    public static Finding Of(string connection, Result<ApiServerVersion, KubernetesFailure> answer) => answer.IsSuccess(out var server, out var failure)
        ? new Finding(DoctorCheck.Cluster, FindingStatus.Ok, $"{connection} answers: Kubernetes {server.Version}")
        : new Finding(DoctorCheck.Cluster, FindingStatus.Failed, $"{connection}: {failure.Message}", $"{Hint(failure.Kind)}; {Then}");

    /// <param name="problem">Why there is no connection to try.</param>
    public static Finding OfNoConnection(string problem) => new(DoctorCheck.Cluster, FindingStatus.Failed, problem, Then);

    private static string Hint(KubernetesFailureKind kind) => kind switch
    {
        KubernetesFailureKind.Unauthorized => "check the user of the context, or the service account of the pod",
        KubernetesFailureKind.Unreachable or KubernetesFailureKind.TimedOut => "check the address, firewalls, network policies and the proxy",
        KubernetesFailureKind.Forbidden => "the group system:authenticated usually may read /version",
        _ => "check that the address is that of a Kubernetes API server",
    };
}
