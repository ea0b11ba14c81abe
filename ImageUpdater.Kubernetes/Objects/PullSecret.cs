using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Calls;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Objects;

/// <summary>A pull secret as stored: what parses it is the registry's side.</summary>
/// <param name="Type"><c>kubernetes.io/dockerconfigjson</c> or <c>kubernetes.io/dockercfg</c>.</param>
/// <param name="Data">The bytes under the key that goes with the type.</param>
/// <param name="IsDockerCfg">The data is the older form: a map of registries without <c>auths</c> around it.</param>
internal sealed record PullSecret(string Type, ReadOnlyMemory<byte> Data, bool IsDockerCfg)
{
    public const string DockerConfigJson = "kubernetes.io/dockerconfigjson";
    public const string DockerCfg = "kubernetes.io/dockercfg";

    /// <param name="name">With its namespace.</param>
    public static Result<PullSecret, KubernetesFailure> Of(V1Secret secret, string name)
    {
        var type = UntrustedText.Bound(secret.Type);
        var key = secret.Type switch
        {
            DockerConfigJson => ".dockerconfigjson",
            DockerCfg => ".dockercfg",
            _ => null,
        };
        if (key is not null && secret.Data?.TryGetValue(key, out var data) == true && data is { Length: > 0 })
            return new PullSecret(type, data, IsDockerCfg: secret.Type == DockerCfg);

        return new KubernetesFailure(
            KubernetesFailureKind.InvalidAnswer,
            $"secret {name} of type '{type}' is ignored, as the kubelet does; a pull secret has the type {DockerConfigJson} and the key .dockerconfigjson");
    }

    /// <summary>Hides the data.</summary>
    public override string ToString() => $"pull secret of type {Type}";
}
