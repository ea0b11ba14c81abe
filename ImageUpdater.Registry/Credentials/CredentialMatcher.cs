using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

internal static class CredentialMatcher
{
    /// <summary>
    /// Every credential whose key fits the image, source by source, and of each source the more specific first, then in the order of the
    /// configs. A registry client tries them in turn and then asks without any.
    /// </summary>
    /// <param name="sources">As the kubelet has them: all pull secrets are one, the plugins the next.</param>
    public static IReadOnlyList<RegistryCredential> For(ImageReference image, params IEnumerable<IReadOnlyList<DockerConfig>> sources)
    {
        var entries = sources
            .SelectMany(configs => configs.SelectMany(config => config.Entries).Where(entry => entry.Key.Matches(image)).OrderBy(entry => entry.Key.Specificity))
            .DistinctBy(entry => entry.Credential)
            .ToArray();

        // Where two are from one place, the place alone does not say which of them it was.
        return [.. entries.Select(entry => entries.Count(other => other.Credential.Origin == entry.Credential.Origin) == 1
            ? entry.Credential
            : entry.Credential with { Origin = $"{entry.Credential.Origin}, {UntrustedText.Bound(entry.Key.ToString())}" })];
    }
}
