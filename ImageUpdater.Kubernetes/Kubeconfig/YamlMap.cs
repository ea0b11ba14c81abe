using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>
/// Reads values of a YAML mapping. Absent values and values of another type are null or empty. Does not bind to classes, which would need
/// reflection and fail in a trimmed program.
/// </summary>
internal readonly struct YamlMap(YamlNode? node)
{
    private readonly YamlMappingNode? mapping = node as YamlMappingNode;

    public string? Text(string key) => Node(key) is YamlScalarNode scalar && !IsNull(scalar) ? scalar.Value : null;

    public bool Flag(string key) => string.Equals(Text(key), "true", StringComparison.OrdinalIgnoreCase);

    public YamlMap Map(string key) => new(Node(key));

    public bool Has(string key) => Node(key) is not null and not YamlScalarNode { Value: null or "" or "null" or "~" };

    public IEnumerable<YamlMap> Maps(string key) => Children(key).Select(child => new YamlMap(child));

    public IReadOnlyList<string> Texts(string key) => [.. Children(key).OfType<YamlScalarNode>().Select(child => child.Value ?? "")];

    /// <summary>All keys that have a list, with its texts.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> TextLists()
    {
        var map = this;
        return [.. (mapping?.Children.Keys ?? []).OfType<YamlScalarNode>().Select(key => KeyValuePair.Create(key.Value ?? "", map.Texts(key.Value ?? "")))];
    }

    public string? Json(string key) => Node(key) is { } node ? ToJson(node)?.ToJsonString() : null;

    private IEnumerable<YamlNode> Children(string key) => Node(key) is YamlSequenceNode sequence ? sequence.Children : [];

    private YamlNode? Node(string key) =>
        mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static bool IsNull(YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "null" or "~";

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(pair.Key.ToString(), ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode scalar when IsNull(scalar) => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain } number
            when long.TryParse(number.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => JsonValue.Create(value),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };
}
