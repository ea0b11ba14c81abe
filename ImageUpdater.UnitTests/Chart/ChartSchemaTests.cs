using System.Text.Json;
using ImageUpdater.UnitTests.Documentation;

namespace ImageUpdater.UnitTests.Chart;

/// <summary>Tests values.schema.json without helm.</summary>
public sealed class ChartSchemaTests : IDisposable
{
    private readonly JsonDocument schema = JsonDocument.Parse(Repository.Read($"{ValuesFile.Folder}/values.schema.json"));

    public void Dispose() => schema.Dispose();

    [Fact]
    public void Keys_OfTheSchema_AreThoseOfTheValues()
    {
        var values = ValuesFile.Read();

        // Helm passes "global" to all charts. The keys of flow mappings such as {cpu: 20m} are only in the schema.
        var inOneLine = values.Where(value => value.Default?.StartsWith('{') == true).Select(value => value.Path + ".").ToList();
        var ofSchema = Keys(schema.RootElement, "").Where(key => key != "global" && !inOneLine.Exists(path => key.StartsWith(path, StringComparison.Ordinal)));

        Assert.Equal(values.Select(value => value.Path).Order(StringComparer.Ordinal), ofSchema.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void UnknownKeys_OfEveryObjectWithKeys_AreRefused() => Assert.All(
        Objects(schema.RootElement, "values"),
        found => Assert.True(found.Schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False, $"{found.Path} takes unknown keys"));

    [Theory]
    [InlineData("checkInterval", "CheckInterval")]
    [InlineData("rolloutTimeout", "RolloutTimeout")]
    [InlineData("retentionDays", "RetentionDays")]
    public void Limits_OfTheSchema_AreThoseOfTheProgram(string key, string option)
    {
        var cells = Markdown.Rows(Repository.Read("docs/configuration.md")).Single(row => row[0] == $"`{option}`");
        var property = schema.RootElement.GetProperty("properties").GetProperty(key);

        Assert.Contains($"{property.GetProperty("minimum").GetInt32()} to {property.GetProperty("maximum").GetInt32()}", cells[3], StringComparison.Ordinal);
        Assert.Equal(cells[2].Trim('`'), ValuesFile.Read().Single(value => value.Path == key).Default);
    }

    /// <summary>Helm reads <c>--set holds.cooldown=0</c> as a number.</summary>
    [Theory]
    [InlineData("cooldown")]
    [InlineData("minAge")]
    [InlineData("flapStabilization")]
    public void Durations_OfTheSchema_MayBeTheNumberZero(string key)
    {
        var property = schema.RootElement.GetProperty("properties").GetProperty("holds").GetProperty("properties").GetProperty(key);

        Assert.Equal(["string", "integer"], property.GetProperty("type").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal((0, 0), (property.GetProperty("minimum").GetInt32(), property.GetProperty("maximum").GetInt32()));
    }

    private static IEnumerable<string> Keys(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("properties", out var properties))
            yield break;

        foreach (var property in properties.EnumerateObject())
        {
            yield return path + property.Name;
            foreach (var key in Keys(property.Value, $"{path}{property.Name}."))
                yield return key;
        }
    }

    private static IEnumerable<(string Path, JsonElement Schema)> Objects(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            yield return (path, schema);
            foreach (var found in properties.EnumerateObject().SelectMany(property => Objects(property.Value, $"{path}.{property.Name}")))
                yield return found;
        }

        if (schema.TryGetProperty("items", out var items))
        {
            foreach (var found in Objects(items, path + "[]"))
                yield return found;
        }
    }
}
