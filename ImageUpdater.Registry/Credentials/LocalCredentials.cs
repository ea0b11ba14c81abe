using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// Credentials from this machine rather than from the cluster: kubelet credential plugins, and Docker's config.json with its helpers.
/// </summary>
/// <param name="warnings">Warnings about the plugin configuration files.</param>
internal sealed class LocalCredentials(DockerConfig userConfig, IReadOnlyList<CredentialPlugin> plugins, IReadOnlyList<string> warnings, TimeProvider time)
{
    private readonly CredentialPlugins ofPlugins = new(plugins, time);
    private readonly CredentialHelpers? ofHelpers =
        userConfig.Helpers is { } map ? new CredentialHelpers(map, Environment.GetEnvironmentVariable("PATH"), time) : null;

    public IReadOnlyList<string> Warnings { get; } = [.. userConfig.Warnings, .. warnings];

    /// <summary>Plugins, helpers, config.json, in this order. Only warnings about this image are included; the others are in <see cref="Warnings"/>.</summary>
    /// <param name="isRefused">A registry rejected the cached credentials, so the programs are run again.</param>
    public async Task<IReadOnlyList<IReadOnlyList<DockerConfig>>> ForAsync(ImageReference image, bool isRefused, CancellationToken cancellationToken) =>
    [
        await ofPlugins.ForAsync(image, isRefused, cancellationToken),
        ofHelpers is null ? [] : [await ofHelpers.ForAsync(image, isRefused, cancellationToken)],
        [userConfig with { Warnings = [] }],
    ];
}
