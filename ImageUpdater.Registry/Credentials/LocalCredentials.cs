using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// The credentials of the machine that we run on, beside those of the cluster: of the kubelet's plugins, and of Docker's
/// config.json with its helpers.
/// </summary>
/// <param name="warnings">Warnings of the configuration files; returned with those of the programs.</param>
internal sealed class LocalCredentials(DockerConfig userConfig, IReadOnlyList<CredentialPlugin> plugins, IReadOnlyList<string> warnings, TimeProvider time)
{
    private readonly CredentialPlugins ofPlugins = new(plugins, time);
    private readonly CredentialHelpers? ofHelpers =
        userConfig.Helpers is { } map ? new CredentialHelpers(map, Environment.GetEnvironmentVariable("PATH"), time) : null;

    public IReadOnlyList<string> Warnings { get; } = [.. userConfig.Warnings, .. warnings];

    /// <summary>Plugins, helpers, the user's file. Their warnings are about what was asked for this image.</summary>
    /// <param name="isRefused">A registry did not accept what was found before: what programs answered is asked for again.</param>
    public async Task<IReadOnlyList<IReadOnlyList<DockerConfig>>> ForAsync(ImageReference image, bool isRefused, CancellationToken cancellationToken) =>
    [
        await ofPlugins.ForAsync(image, isRefused, cancellationToken),
        ofHelpers is null ? [] : [await ofHelpers.ForAsync(image, isRefused, cancellationToken)],
        [userConfig with { Warnings = [] }],
    ];
}
