using ImageUpdater.Core;
using ImageUpdater.Kubernetes.Kubeconfig;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// A mapping in a file of another program, in YAML or JSON. A missing key reads as null; a value of the wrong type and unknown keys are
/// remarked on, so that a misspelled key is not ignored silently. Remarks name keys, never values.
/// </summary>
internal sealed class YamlSection
{
    private const int MaxRemarks = 20;
    private const string Merge = "<<";

    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, YamlNode> children = new(StringComparer.Ordinal);
    private readonly string path;
    private readonly YamlSection root;

    // Used in the root only: all sections that were read, and the remarks on them.
    private readonly List<YamlSection> all = [];
    private readonly List<string> odd = [];

    private YamlSection(YamlNode? node, string path, YamlSection? root)
    {
        this.path = path;
        this.root = root ?? this;
        this.root.all.Add(this);
        if (node is YamlMappingNode mapping)
            Collect(mapping, new HashSet<YamlNode>(ReferenceEqualityComparer.Instance));
        else if (node is not null && !IsNothing(node))
            this.root.odd.Add($"'{path}' is not a mapping and is ignored");
    }

    /// <summary>Read this last: keys that have not been read by then count as unknown.</summary>
    public IReadOnlyList<string> Remarks =>
    [
        .. odd.Concat(all.SelectMany(section => section.Keys.Where(key => !section.asked.Contains(key)).Select(key =>
            $"unknown key '{UntrustedText.Bound(section.PathOf(key))}' is ignored"))).Take(MaxRemarks),
    ];

    public IReadOnlyList<string> Keys => children.Keys;

    /// <summary>The top level, or a problem that is reported after the file's name.</summary>
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
            // Without the exception's message, which may quote a value.
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

    /// <summary>Marks all keys as known, so that there are no remarks on them.</summary>
    public void SkipAll() => asked.UnionWith(Keys);

    public YamlSection Section(string key) => new(Node(key), PathOf(key), root);

    /// <summary>The value as written; a number is text too.</summary>
    public string? Text(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode scalar when !IsNothing(scalar) => scalar.Value,
        var other => Odd<string>(other, key, "text"),
    };

    // The booleans of YAML 1.1, as Go's parsers accept them.
    public bool Flag(string key) => Text(key)?.ToLowerInvariant() switch
    {
        null or "false" or "no" or "off" or "n" => false,
        "true" or "yes" or "on" or "y" => true,
        _ => Odd<object>(Node(key), key, "true or false") is not null,
    };

    public IReadOnlyList<string> Texts(string key) => [.. Children(key).OfType<YamlScalarNode>().Select(child => child.Value ?? "")];

    public IEnumerable<YamlSection> Sections(string key) => [.. Children(key).Select((child, index) => new YamlSection(child, $"{PathOf(key)}[{index}]", root))];

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
            root.odd.Add($"'{UntrustedText.Bound(PathOf(key))}' is not {wanted} and is ignored");
        return null;
    }

    private YamlNode? Node(string key)
    {
        asked.Add(key);
        return children.GetValueOrDefault(key);
    }

    // "<<" (YAML 1.1 merge key) adds the keys of other mappings. The mapping's own keys take precedence, and each mapping is read once,
    // even if it is referenced several times.
    private void Collect(YamlMappingNode mapping, HashSet<YamlNode> seen)
    {
        if (!seen.Add(mapping))
            return;

        foreach (var (key, value) in mapping.Children.Where(child => !IsMerge(child.Key)))
            children.TryAdd(((YamlScalarNode)key).Value ?? "", value);
        foreach (var (_, merged) in mapping.Children.Where(child => IsMerge(child.Key)))
        {
            foreach (var other in merged is YamlSequenceNode sequence ? sequence.Children : [merged])
            {
                if (other is YamlMappingNode found)
                    Collect(found, seen);
                else
                    Odd<object>(other, Merge, "a mapping");
            }
        }
    }

    private static bool IsMerge(YamlNode key) => key is YamlScalarNode { Style: ScalarStyle.Plain, Value: Merge };

    private string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static bool IsNothing(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" };
}
