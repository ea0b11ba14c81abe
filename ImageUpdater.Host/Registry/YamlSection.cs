using ImageUpdater.Core;
using ImageUpdater.Host.Kubernetes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ImageUpdater.Host.Registry;

/// <summary>
/// A mapping in a file of another program, in YAML or JSON. What is absent reads as nothing; what has another shape, and keys
/// that nobody asked for, are remarked on, so that a misspelled one is not passed over without a word. Remarks name keys, never values.
/// </summary>
internal sealed class YamlSection
{
    private const int MaxRemarks = 20;

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly YamlMappingNode? _node;
    private readonly string _path;
    private readonly YamlSection _root;

    // Of the root: all sections that were looked into, and what was found odd in them.
    private readonly List<YamlSection> _all = [];
    private readonly List<string> _odd = [];

    private YamlSection(YamlNode? node, string path, YamlSection? root)
    {
        _path = path;
        _root = root ?? this;
        _node = node as YamlMappingNode;
        _root._all.Add(this);
        if (node is not null && _node is null && !IsNothing(node))
            _root._odd.Add($"'{path}' is not a mapping and is ignored");
    }

    /// <summary>Ask at the end: what was not asked for until then counts as unknown.</summary>
    public IReadOnlyList<string> Remarks =>
    [
        .. _odd.Concat(_all.SelectMany(section => section.Keys.Where(key => !section._asked.Contains(key)).Select(key =>
            $"'{OutsideText.Bound(section.PathOf(key))}' is not known here and is ignored"))).Take(MaxRemarks),
    ];

    public IReadOnlyList<string> Keys => _node is null ? [] : [.. _node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "")];

    /// <summary>The top level, or the rest of a sentence that begins with the file's name.</summary>
    public static Result<YamlSection, string> Parse(string text)
    {
        var stream = new YamlStream();
        try
        {
            if (YamlShape.Refusal(text) is { } refusal)
                return refusal;
            using var reader = new StringReader(text);
            stream.Load(reader);
        }
        catch (YamlException exception)
        {
            // The message is left out: it may quote a value.
            return $"is not valid YAML, near line {exception.Start.Line}";
        }
        catch (Exception exception) when (YamlShape.IsAboutText(exception))
        {
            return "is not valid YAML";
        }

        return stream.Documents.Count switch
        {
            0 => new YamlSection(node: null, "", root: null),
            1 when stream.Documents[0].RootNode is YamlMappingNode root => new YamlSection(root, "", root: null),
            1 when IsNothing(stream.Documents[0].RootNode) => new YamlSection(node: null, "", root: null),
            _ => "is not one YAML mapping",
        };
    }

    /// <summary>Keys that are known and not used: no remarks.</summary>
    public void SkipAll() => _asked.UnionWith(Keys);

    public YamlSection Section(string key) => new(Node(key), PathOf(key), _root);

    /// <summary>The value as it is written: a number is text too.</summary>
    public string? Text(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode scalar when !IsNothing(scalar) => scalar.Value,
        var other => Odd<string>(other, key, "text"),
    };

    public bool Flag(string key) => Text(key)?.ToLowerInvariant() switch
    {
        null or "false" => false,
        "true" => true,
        _ => Odd<object>(Node(key), key, "true or false") is not null,
    };

    public IReadOnlyList<string> Texts(string key) => [.. Children(key).OfType<YamlScalarNode>().Select(child => child.Value ?? "")];

    public IEnumerable<YamlSection> Sections(string key) => [.. Children(key).Select((child, index) => new YamlSection(child, $"{PathOf(key)}[{index}]", _root))];

    private IEnumerable<YamlNode> Children(string key) => Node(key) switch
    {
        YamlSequenceNode sequence => sequence.Children,
        null => [],
        var other => Odd<YamlNode[]>(other, key, "a list") ?? [],
    };

    private T? Odd<T>(YamlNode? node, string key, string wanted)
        where T : class
    {
        if (node is not null && !IsNothing(node))
            _root._odd.Add($"'{OutsideText.Bound(PathOf(key))}' is not {wanted} and is ignored");
        return null;
    }

    private YamlNode? Node(string key)
    {
        _asked.Add(key);
        return _node is not null && _node.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private static bool IsNothing(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" };
}
