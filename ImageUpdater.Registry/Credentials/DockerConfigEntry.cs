using System.Text;
using System.Text.Json;
using ImageUpdater.Core;

namespace ImageUpdater.Registry.Credentials;

/// <summary>One entry of a Docker config: a registry key and its credential.</summary>
internal sealed record DockerConfigEntry(CredentialKey Key, RegistryCredential Credential)
{
    /// <summary>The credential of an empty entry. Docker writes <c>{}</c> if the credentials are in a credential helper.</summary>
    public static readonly RegistryCredential Nothing = new("", "", "");

    // No server accepts a longer header. The longest passwords are tokens of a few KiB.
    private const int MaxLength = 16 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The entry, or the rest of a message that starts with its name.</summary>
    public static Result<DockerConfigEntry, string> Parse(string name, JsonElement value, string origin)
    {
        if (CredentialKey.Parse(name) is not { } key)
            return "is not a registry name";
        if (value.ValueKind != JsonValueKind.Object)
            return "is not an object";
        if (!TryText(value, "auth", out var auth) || !TryText(value, "username", out var username)
            || !TryText(value, "password", out var password) || !TryText(value, "identitytoken", out var identityToken))
            return "has a field that is not a string";

        // As in Docker and the kubelet, auth takes precedence over username and password.
        if (auth.Length > 0)
        {
            if (Decode(auth) is not { } pair)
                return "has an 'auth' that is not user:password in base64";
            (username, password) = pair;
        }

        if (Math.Max(username.Length + password.Length, identityToken.Length) > MaxLength)
            return $"has a credential of more than {MaxLength / 1024} KiB";

        return new DockerConfigEntry(key, new RegistryCredential(origin, username, password, identityToken is "" ? null : identityToken));
    }

    private static (string Username, string Password)? Decode(string auth)
    {
        // The base64 command wraps its output.
        var text = string.Concat(auth.Where(letter => !char.IsWhiteSpace(letter))).TrimEnd('=');
        try
        {
            var decoded = Strict.GetString(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')));
            var colon = decoded.IndexOf(':');
            return colon < 0 ? null : (decoded[..colon], decoded[(colon + 1)..].Trim('\0'));
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool TryText(JsonElement value, string field, out string text)
    {
        text = "";
        if (!value.TryGetProperty(field, out var element) || element.ValueKind == JsonValueKind.Null)
            return true;
        if (element.ValueKind != JsonValueKind.String)
            return false;

        try
        {
            text = element.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate (\ud800) is valid JSON, but can't be read as a string.
            return false;
        }
    }
}
