using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Calls;
using k8s.Models;

namespace ImageUpdater.Kubernetes.Objects;

/// <summary>A pull secret, not parsed (DockerConfig in ImageUpdater.Registry parses it).</summary>
/// <param name="Type"><c>kubernetes.io/dockerconfigjson</c> or <c>kubernetes.io/dockercfg</c>.</param>
/// <param name="Data">The value of the key <c>.dockerconfigjson</c> or <c>.dockercfg</c>.</param>
/// <param name="IsDockerCfg">The data is in the older format, without the enclosing <c>auths</c>.</param>
internal sealed record PullSecret(string Type, ReadOnlyMemory<byte> Data, bool IsDockerCfg)
{
    public const string DockerConfigJson = "kubernetes.io/dockerconfigjson";
    public const string DockerCfg = "kubernetes.io/dockercfg";

    /// <param name="name">NAMESPACE/NAME, for messages.</param>
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
            $"secret {name} of type '{type}' is not a valid pull secret and is ignored; use type {DockerConfigJson} with the key .dockerconfigjson");
    }

    // The generated ToString would include the data.
    public override string ToString() => $"pull secret of type {Type}";
}
