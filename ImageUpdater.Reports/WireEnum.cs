using System.Collections.Frozen;

namespace ImageUpdater.Reports;

/// <summary>The names that an enum's values have in files. Written out, so that renaming a value changes no file.</summary>
internal sealed class WireEnum<T>
    where T : struct, Enum
{
    private readonly FrozenDictionary<T, string> names;
    private readonly FrozenDictionary<string, T> values;

    public WireEnum(params (T Value, string Name)[] pairs)
    {
        names = pairs.ToFrozenDictionary(pair => pair.Value, pair => pair.Name);
        values = pairs.ToFrozenDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
    }

    public IEnumerable<string> Names => values.Keys.Order(StringComparer.Ordinal);

    public string this[T value] => names[value];

    public bool TryRead(string text, out T value) => values.TryGetValue(text, out value);
}
