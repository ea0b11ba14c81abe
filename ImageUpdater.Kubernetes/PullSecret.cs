namespace ImageUpdater.Kubernetes;

/// <summary>A pull secret as stored: what parses it is the registry's side.</summary>
/// <param name="Type"><c>kubernetes.io/dockerconfigjson</c> or <c>kubernetes.io/dockercfg</c>.</param>
/// <param name="Data">The bytes under the key that goes with the type.</param>
/// <param name="IsDockerCfg">The data is the older form: a map of registries without <c>auths</c> around it.</param>
internal sealed record PullSecret(string Type, ReadOnlyMemory<byte> Data, bool IsDockerCfg)
{
    public const string DockerConfigJson = "kubernetes.io/dockerconfigjson";
    public const string DockerCfg = "kubernetes.io/dockercfg";

    /// <summary>Hides the data.</summary>
    public override string ToString() => $"pull secret of type {Type}";
}
