using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// Finds keys that are set in our section but were not read, since a misspelled option would otherwise be ignored silently.
/// Messages quote names only: a value may be a secret.
/// </summary>
internal static class UnknownOptions
{
    private const int MaxKey = 80;

    // Options of an earlier version, and what to set instead.
    private static readonly Dictionary<string, string> Replaced = new(StringComparer.OrdinalIgnoreCase)
    {
        [$"{ImageUpdaterOptions.Section}:QuarantineEverywhere"] = $"{ImageUpdaterOptions.Section}__Quarantine: Cluster instead of true, Workload instead of false",
        [$"{ImageUpdaterOptions.Section}:Port"] = $"{ImageUpdaterOptions.Section}__Listen, for example :8080",
        [$"{ImageUpdaterOptions.Section}:Logs"] = $"{ImageUpdaterOptions.Section}__LogFormat",
    };

    public static IEnumerable<string> In(OptionReading reading)
    {
        var section = reading.Configuration.GetSection(ImageUpdaterOptions.Section);
        var byItself = string.IsNullOrEmpty(section.Value) ? [] : (string[])[$"{Name(section)} cannot be set by itself; set one of its options, for example {Name(section)}__CheckInterval"];
        return byItself.Concat(reading.Known.SelectMany(part => reading.Configuration.GetSection(part.Key).GetChildren().SelectMany(child => Check(child, part.Value))));
    }

    private static IEnumerable<string> Check(IConfigurationSection child, IReadOnlyList<KnownOption> known)
    {
        var option = known.FirstOrDefault(option => string.Equals(option.Key, child.Key, StringComparison.OrdinalIgnoreCase));
        return option?.Shape switch
        {
            null when Replaced.TryGetValue(child.Path, out var instead) => [$"{Name(child)} was replaced; set {instead}"],
            null => [$"unknown option {Name(child)}; {Instead(child.Key, [.. known.Select(one => one.Key)])}"],
            OptionShape.Value => child.GetChildren().Select(part => $"unknown option {Name(part)}; {Name(child)} is a single value ({option.Limits.Replace("`", "", StringComparison.Ordinal)})"),
            OptionShape.Section when !string.IsNullOrEmpty(child.Value) => [$"{Name(child)} cannot be set by itself; set one of its options"],
            OptionShape.Texts => child.GetChildren().SelectMany(entry => entry.GetChildren()).Select(part => $"unknown option {Name(part)}; an entry of {Name(child)} is a single text"),
            _ => [],
        };
    }

    private static string Instead(string key, IReadOnlyList<string> known) =>
        ClosestName.Find(key, known) is { } close ? $"did you mean {close}?" : $"valid options: {string.Join(", ", known)}";

    private static string Name(IConfigurationSection section) => UntrustedText.Bound(OptionDefinition.NameOf(section.Path), 2 * MaxKey);
}
