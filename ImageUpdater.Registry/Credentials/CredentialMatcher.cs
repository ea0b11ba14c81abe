using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

internal static class CredentialMatcher
{
    /// <summary>
    /// All credentials whose key matches the image: in the order of the sources, within a source the more specific key first, then in the
    /// order of the configs. The registry client tries them in this order and then asks anonymously.
    /// </summary>
    /// <param name="sources">Grouped as in the kubelet: all pull secrets are one source, the plugins are the next.</param>
    public static IReadOnlyList<RegistryCredential> For(ImageReference image, params IEnumerable<IReadOnlyList<DockerConfig>> sources)
    {
        var entries = sources
            .SelectMany(configs => configs.SelectMany(config => config.Entries).Where(entry => entry.Key.Matches(image)).OrderBy(entry => entry.Key.Specificity))
            .DistinctBy(entry => entry.Credential)
            .ToArray();

        // If one origin has several credentials, its name alone would not show which of them was used.
        return [.. entries.Select(entry => entries.Count(other => other.Credential.Origin == entry.Credential.Origin) == 1
            ? entry.Credential
            : entry.Credential with { Origin = $"{entry.Credential.Origin}, {UntrustedText.Bound(entry.Key.ToString())}" })];
    }
}
