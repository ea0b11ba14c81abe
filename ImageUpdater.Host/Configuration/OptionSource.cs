using System.Globalization;
using ImageUpdater.Core;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// A part of the configuration. Reading an option also defines it: one call takes its name, kind, default and meaning, and returns the value.
/// Reading an empty configuration therefore lists all options (<see cref="OptionsDocument"/>), and a key that is set but was not read is
/// unknown (<see cref="UnknownOptions"/>).
/// </summary>
internal sealed class OptionSource
{
    private readonly OptionReading reading;
    private readonly List<OptionDefinition> definitions;
    private readonly List<OptionSource> parts = [];

    public OptionSource(OptionReading reading, string path, string title = "", string intro = "")
        : this(reading, path, title, intro, [])
    {
    }

    private OptionSource(OptionReading reading, string path, string title, string intro, List<OptionDefinition> definitions)
    {
        this.reading = reading;
        this.definitions = definitions;
        Path = path;
        Title = title;
        Intro = intro;
    }

    /// <summary>With colons: <c>ImageUpdater:Registries:0</c>.</summary>
    public string Path { get; }

    /// <summary>The heading in the documentation.</summary>
    public string Title { get; }

    public string Intro { get; }

    public IReadOnlyList<OptionDefinition> Definitions => definitions;

    public IReadOnlyList<OptionSource> Parts => parts;

    /// <summary>Options at the same level that are documented together.</summary>
    public OptionSource Area(string title, string intro) => Part(Path, title, intro);

    /// <param name="fallback">The default, as a user would write it.</param>
    public T Read<T>(string key, OptionKind<T> kind, string fallback, string meaning, string? published = null)
    {
        if (TryRead(Define(key, kind.Limits, $"`{fallback}`", meaning, published), kind, out var value))
            return value;

        var problem = kind.Parse(fallback, out var otherwise);
        return problem is null ? otherwise : throw new InvalidOperationException($"default of {key}: {problem}");
    }

    /// <summary>Returns the type's default value if the option is not set.</summary>
    /// <param name="without">What applies in that case, in Markdown.</param>
    public T? ReadOrNone<T>(string key, OptionKind<T> kind, string without, string meaning) =>
        TryRead(Define(key, kind.Limits, without, meaning), kind, out var value) ? value : default;

    /// <summary>Options below a key, documented in the same table.</summary>
    public OptionSource Section(string key)
    {
        reading.Know(Path, key, OptionShape.Section, "");
        return new OptionSource(reading, $"{Path}:{key}", Title, Intro, definitions);
    }

    /// <summary>The entries of a numbered list, each with the path that its problems are reported with.</summary>
    public IReadOnlyList<(string Path, T Entry)> List<T>(string key, string title, string meaning, Func<OptionSource, T> read)
    {
        var list = Define(key, "a list", "none", meaning, shape: OptionShape.List).Path;
        if (reading.IsDescribing)
            return [($"{list}:0", read(Part($"{list}:0", title, "")))];

        var entries = Entries(list).ToLookup(entry => IsNumbered(entry) && string.IsNullOrEmpty(entry.Value));
        foreach (var wrong in entries[false])
        {
            reading.Problems.Add(IsNumbered(wrong)
                ? $"{OptionDefinition.NameOf(wrong.Path)} cannot be set by itself; set one of its options"
                : NotNumbered(list, wrong));
        }

        return [.. entries[true].Select(entry => (entry.Path, read(new OptionSource(reading, entry.Path))))];
    }

    /// <summary>A numbered list of texts.</summary>
    public IReadOnlyList<string> Texts(string key, string meaning)
    {
        var list = Define(key, "a list", "none", meaning, shape: OptionShape.Texts).Path;
        var entries = Entries(list).Where(entry => !string.IsNullOrWhiteSpace(entry.Value)).ToLookup(IsNumbered);
        reading.Problems.AddRange(entries[false].Select(wrong => NotNumbered(list, wrong)));
        // An array, so that an empty list equals the default.
        return entries[true].Select(entry => entry.Value!.Trim()).ToArray();
    }

    /// <summary>A variable of the environment that is not an option.</summary>
    public string? Variable(string name) => reading.Configuration[name];

    /// <summary>Adds a problem that concerns several options.</summary>
    public void Problem(string message) => reading.Problems.Add(message.TrimEnd('.'));

    private bool TryRead<T>(OptionDefinition definition, OptionKind<T> kind, out T value)
    {
        value = default!;
        var (name, text) = (definition.Environment, reading.Configuration[definition.Path]);
        if (string.IsNullOrWhiteSpace(text) && definition.Published is { } published)
            (name, text) = (published, reading.Configuration[published]);
        if (string.IsNullOrWhiteSpace(text))
            return false;

        var problem = kind.Parse(text, out value);
        if (problem is not null)
            reading.Problems.Add($"{name}: {problem}");
        return problem is null;
    }

    private OptionDefinition Define(string key, string limits, string fallback, string meaning, string? published = null, OptionShape shape = OptionShape.Value)
    {
        reading.Know(Path, key, shape, limits);
        var definition = new OptionDefinition($"{Path}:{key}", published, fallback, limits, meaning);
        definitions.Add(definition);
        return definition;
    }

    private OptionSource Part(string at, string title, string intro)
    {
        var part = new OptionSource(reading, at, title, intro);
        parts.Add(part);
        return part;
    }

    private IEnumerable<IConfigurationSection> Entries(string list)
    {
        var section = reading.Configuration.GetSection(list);
        if (!string.IsNullOrEmpty(section.Value))
            reading.Problems.Add($"{OptionDefinition.NameOf(list)} is a list; number its entries, as in {OptionDefinition.NameOf(list)}__0");
        return section.GetChildren();
    }

    private static bool IsNumbered(IConfigurationSection entry) => int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string NotNumbered(string list, IConfigurationSection wrong)
    {
        var name = OptionDefinition.NameOf(list);
        var key = UntrustedText.Bound(wrong.Key, 80);
        // A key with children is an entry named instead of numbered; one without is an option of an entry.
        return $"invalid entry {name}__{key}; number the entries, as in {name}__0{(wrong.GetChildren().Any() ? "" : $"__{key}")}";
    }
}
