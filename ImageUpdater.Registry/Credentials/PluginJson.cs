using System.Text.Json.Serialization;

namespace ImageUpdater.Registry.Credentials;

internal sealed record PluginRequest(string ApiVersion, string Kind, string Image);

internal sealed record PluginResponse(
    string? ApiVersion, string? Kind, string? CacheKeyType, string? CacheDuration, IReadOnlyDictionary<string, PluginAccount?>? Auth)
{
    // The generated ToString would include the passwords.
    public override string ToString() => nameof(PluginResponse);
}

internal sealed record PluginAccount(string? Username, string? Password)
{
    public override string ToString() => nameof(PluginAccount);
}

/// <summary>The output of a Docker credential helper. Its field names start with a capital.</summary>
internal sealed record HelperAnswer(
    [property: JsonPropertyName("Username")] string? Username, [property: JsonPropertyName("Secret")] string? Secret)
{
    public override string ToString() => nameof(HelperAnswer);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 16)]
[JsonSerializable(typeof(PluginRequest))]
[JsonSerializable(typeof(PluginResponse))]
[JsonSerializable(typeof(HelperAnswer))]
internal sealed partial class PluginJson : JsonSerializerContext;
