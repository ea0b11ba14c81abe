using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// What is set under our section and was asked for by nobody: a misspelt option would otherwise be without effect and without a word.
/// Only names are quoted, since a value may be a secret.
/// </summary>
internal static class UnknownOptions
{
    private const int MaxKey = 80;

    public static IEnumerable<string> In(OptionReading reading)
    {
        var section = reading.Configuration.GetSection(ImageUpdaterOptions.Section);
        var byItself = string.IsNullOrEmpty(section.Value) ? [] : (string[])[$"{Name(section)} is not an option by itself: name one of its parts, as in {Name(section)}__CheckInterval"];
        return byItself.Concat(reading.Known.SelectMany(part => reading.Configuration.GetSection(part.Key).GetChildren().SelectMany(child => ProblemsOf(child, part.Value))));
    }

    private static IEnumerable<string> ProblemsOf(IConfigurationSection child, IReadOnlyList<KnownOption> known)
    {
        var option = known.FirstOrDefault(option => string.Equals(option.Key, child.Key, StringComparison.OrdinalIgnoreCase));
        return option?.Shape switch
        {
            null => [$"{Name(child)} is not an option: {Instead(child.Key, [.. known.Select(one => one.Key)])}"],
            OptionShape.Value => child.GetChildren().Select(part => $"{Name(part)} is not an option: {Name(child)} is one value ({option.Limits.Replace("`", "", StringComparison.Ordinal)})"),
            OptionShape.Section when !string.IsNullOrEmpty(child.Value) => [$"{Name(child)} is not an option by itself: name one of its parts"],
            OptionShape.Texts => child.GetChildren().SelectMany(entry => entry.GetChildren()).Select(part => $"{Name(part)} is not an option: an entry of {Name(child)} is one text"),
            _ => [],
        };
    }

    private static string Instead(string key, IReadOnlyList<string> known) =>
        Closest(key, known) is { } close ? $"did you mean {close}?" : $"there are {string.Join(", ", known)}";

    private static string? Closest(string key, IReadOnlyList<string> known)
    {
        var wanted = Letters(key);
        var close = known.MinBy(one => Distance(wanted, Letters(one)));
        if (close is not null && Distance(wanted, Letters(close)) <= 1 + (wanted.Length / 4))
            return close;
        return wanted.Length >= 4 ? known.FirstOrDefault(one => Letters(one).Contains(wanted, StringComparison.Ordinal)) : null;
    }

    private static string Letters(string key) => string.Concat(key.Take(MaxKey).Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    /// <summary>Levenshtein's: how many letters have to be put in, taken out or changed.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    private static string Name(IConfigurationSection section) => UntrustedText.Bound(OptionDefinition.NameOf(section.Path), 2 * MaxKey);
}
