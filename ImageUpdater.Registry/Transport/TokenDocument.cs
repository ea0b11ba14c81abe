using System.Text.Json.Serialization;

namespace ImageUpdater.Registry.Transport;

/// <summary>The answer of a token server.</summary>
internal sealed record TokenDocument(
    string? Token,
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in"), JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] double? ExpiresIn)
{
    // The generated one would print the token.
    public override string ToString() => nameof(TokenDocument);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 32)]
[JsonSerializable(typeof(TokenDocument))]
internal sealed partial class TokenJson : JsonSerializerContext;
