using ImageUpdater.Core.Images;

namespace ImageUpdater.Host.Registry;

internal static class CredentialMatcher
{
    /// <summary>
    /// Every credential whose key fits the image, the more specific first, then in the order of the configs. A registry
    /// client tries them in turn and then asks without any.
    /// </summary>
    public static IReadOnlyList<RegistryCredential> For(ImageReference image, IReadOnlyList<DockerConfig> configs) =>
    [
        .. configs
            .SelectMany(config => config.Entries)
            .Where(entry => entry.Key.Matches(image))
            .OrderBy(entry => entry.Key.Specificity)
            .Select(entry => entry.Credential)
            .Distinct(),
    ];
}
