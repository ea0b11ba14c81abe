using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <param name="Candidates">In the order of trying.</param>
/// <param name="NotTried">The origins of further matching credentials, which are not tried, each with their number.</param>
internal sealed record MatchedCredentials(IReadOnlyList<RegistryCredential> Candidates, IReadOnlyDictionary<string, int> NotTried);

internal static class CredentialMatcher
{
    /// <summary>The limit of candidates for an image. Each costs at least a request, and anybody who can create a pull secret can add thousands.</summary>
    public const int MaxCandidates = 10;

    private static readonly Dictionary<string, int> None = [];

    /// <summary>
    /// The credentials whose key matches the image: in the order of the sources, within a source the more specific key first, then in the
    /// order of the configs. The registry client tries them in this order and then asks anonymously.
    /// </summary>
    /// <param name="sources">Grouped as in the kubelet: all pull secrets are one source, the plugins are the next.</param>
    public static IReadOnlyList<RegistryCredential> For(ImageReference image, params IEnumerable<IReadOnlyList<DockerConfig>> sources) =>
        Match(image, sources).Candidates;

    /// <summary>The same with those that exceed the limit. In time linear in the number of entries, but for the sorting of those that match.</summary>
    public static MatchedCredentials Match(ImageReference image, IEnumerable<IReadOnlyList<DockerConfig>> sources)
    {
        var matches = sources
            .SelectMany(configs => configs
                .SelectMany(config => CredentialKey.Matching(image, config.Entries, entry => entry.Key).Select(entry => (Entry: entry, config.Owner)))
                .OrderBy(match => match.Entry.Key.Specificity))
            .ToList();
        var ofMachine = matches.Where(match => match.Owner is null).Select(match => match.Entry.Credential).ToHashSet();
        matches = matches.ConvertAll(match => match with { Entry = Owned(match.Entry, ofMachine.Contains(match.Entry.Credential) ? null : match.Owner) });
        var distinct = matches.DistinctBy(match => match.Entry.Credential).Select(match => match.Entry).ToList();
        if (distinct.Count <= MaxCandidates)
            return new MatchedCredentials(Labelled(distinct), None);

        var chosen = Chosen(matches);
        var tried = chosen.Select(entry => entry.Credential).ToHashSet();
        var left = distinct.Where(entry => !tried.Contains(entry.Credential)).CountBy(entry => entry.Credential.Origin, StringComparer.Ordinal);
        return new MatchedCredentials(Labelled(chosen), new Dictionary<string, int>(left, StringComparer.Ordinal));
    }

    // The most specific of each owner, then the second of each, and so on: no namespace takes the place of another's credentials, or of this machine's.
    private static List<DockerConfigEntry> Chosen(List<(DockerConfigEntry Entry, string? Owner)> matches)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var ranked = matches.Select((match, index) => (match.Entry, Index: index, IsMachine: match.Owner is null, Rank: ranks[match.Owner ?? ""] = ranks.GetValueOrDefault(match.Owner ?? "", -1) + 1)).ToList();
        return
        [
            .. ranked.OrderBy(match => match.Rank).ThenBy(match => match.IsMachine ? 0 : 1).ThenBy(match => match.Index)
                .DistinctBy(match => match.Entry.Credential).Take(MaxCandidates)
                .OrderBy(match => match.Index).Select(match => match.Entry),
        ];
    }

    // What the operator has as well is the operator's.
    private static DockerConfigEntry Owned(DockerConfigEntry entry, string? owner) => entry with { Credential = entry.Credential with { Owner = owner } };

    // If one origin has several credentials, its name alone would not show which of them was used.
    private static List<RegistryCredential> Labelled(IReadOnlyList<DockerConfigEntry> entries)
    {
        var counts = entries.CountBy(entry => entry.Credential.Origin, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return
        [
            .. entries.Select(entry => counts[entry.Credential.Origin] == 1
                ? entry.Credential
                : entry.Credential with { Origin = $"{entry.Credential.Origin}, {UntrustedText.Bound(entry.Key.ToString())}" }),
        ];
    }
}
