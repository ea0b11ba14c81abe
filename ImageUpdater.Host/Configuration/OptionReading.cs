namespace ImageUpdater.Host.Configuration;

internal enum OptionShape
{
    Value,
    Section,
    List,
    Texts,
}

/// <param name="Limits">In Markdown.</param>
internal sealed record KnownOption(string Key, OptionShape Shape, string Limits);

/// <summary>The state shared by all parts of one reading of the configuration.</summary>
internal sealed class OptionReading(IConfiguration configuration, bool isDescribing = false)
{
    private readonly Dictionary<string, List<KnownOption>> known = new(StringComparer.OrdinalIgnoreCase);

    public IConfiguration Configuration => configuration;

    /// <summary>True when the configuration is empty and each list has one entry, so that the options of an entry get defined.</summary>
    public bool IsDescribing => isDescribing;

    public List<string> Problems { get; } = [];

    /// <summary>The options that were read, by section.</summary>
    public IReadOnlyDictionary<string, List<KnownOption>> Known => known;

    public void Know(string path, string key, OptionShape shape, string limits)
    {
        if (!known.TryGetValue(path, out var keys))
            known[path] = keys = [];
        keys.Add(new KnownOption(key, shape, limits));
    }
}
