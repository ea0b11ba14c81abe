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

/// <summary>What all parts of one reading share.</summary>
internal sealed class OptionReading(IConfiguration configuration, bool isDescribing = false)
{
    private readonly Dictionary<string, List<KnownOption>> known = new(StringComparer.OrdinalIgnoreCase);

    public IConfiguration Configuration => configuration;

    /// <summary>Nothing is configured, and lists show one entry, so that its options are defined.</summary>
    public bool IsDescribing => isDescribing;

    public List<string> Problems { get; } = [];

    /// <summary>For each section that was read: what was asked of it.</summary>
    public IReadOnlyDictionary<string, List<KnownOption>> Known => known;

    public void Know(string path, string key, OptionShape shape, string limits)
    {
        if (!known.TryGetValue(path, out var keys))
            known[path] = keys = [];
        keys.Add(new KnownOption(key, shape, limits));
    }
}
