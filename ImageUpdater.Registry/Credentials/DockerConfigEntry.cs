using System.Text;
using System.Text.Json;
using ImageUpdater.Core;

namespace ImageUpdater.Registry.Credentials;

/// <summary>One key of a Docker config, and the credential that it guards.</summary>
internal sealed record DockerConfigEntry(CredentialKey Key, RegistryCredential Credential)
{
    /// <summary>What an empty entry gives: Docker writes <c>{}</c> where a credential helper has the rest.</summary>
    public static readonly RegistryCredential Nothing = new("", "", "");

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The entry, or the rest of a sentence that starts with its name.</summary>
    public static Result<DockerConfigEntry, string> Parse(string name, JsonElement value, string origin)
    {
        if (CredentialKey.Parse(name) is not { } key)
            return "is not the name of a registry";
        if (value.ValueKind != JsonValueKind.Object)
            return "is not an object";
        if (!TryText(value, "auth", out var auth) || !TryText(value, "username", out var username)
            || !TryText(value, "password", out var password) || !TryText(value, "identitytoken", out var identityToken))
            return "has a field that is not text";

        // As Docker and the kubelet read it: what is in auth wins over the two fields.
        if (auth.Length > 0)
        {
            if (Decode(auth) is not { } pair)
                return "has an auth that is not the base64 of user:password";
            (username, password) = pair;
        }

        return new DockerConfigEntry(key, new RegistryCredential(origin, username, password, identityToken is "" ? null : identityToken));
    }

    private static (string Username, string Password)? Decode(string auth)
    {
        // The program base64 breaks its lines.
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
            // Half a surrogate pair is valid JSON and no string.
            return false;
        }
    }
}
