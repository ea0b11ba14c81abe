using System.Text.Json;
using YamlDotNet.Serialization;

namespace ImageUpdater.Host.Commands;

/// <summary>Writes our JSON documents as YAML: the same fields in the same order.</summary>
internal static class YamlText
{
    // Quoted where a reader would take a text for a number, a boolean or a time.
    private static readonly ISerializer Serializer = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).WithIndentedSequences().DisableAliases().Build();

    public static string OfJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Serializer.Serialize(Value(document.RootElement)).ReplaceLineEndings("\n");
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(field => field.Name, field => Value(field.Value), StringComparer.Ordinal),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
