using System.Text.Json;
using ImageUpdater.Core;

namespace ImageUpdater.Registry.Credentials;

/// <summary>Reads <c>credsStore</c> and <c>credHelpers</c> of a config.json. Invalid entries are ignored with a warning.</summary>
internal static class HelperReader
{
    public static (HelperMap? Helpers, IReadOnlyList<string> Warnings) Read(JsonElement root, string origin)
    {
        var warnings = new List<string>();
        var forAll = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("credsStore"u8, out var store) ? Name(store, "credsStore") : null;
        var byRegistry = new List<(CredentialKey Key, string Helper)>();
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("credHelpers"u8, out var helpers) && helpers.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in helpers.EnumerateObject())
            {
                if (Key(property) is not { } key)
                    warnings.Add($"{origin}: credHelpers has a key that is not a registry name; the entry is ignored.");
                else if (Name(property.Value, "credHelpers") is { } helper)
                    byRegistry.Add((key, helper));
            }
        }

        return (byRegistry.Count == 0 && forAll is null ? null : new HelperMap(byRegistry, forAll), warnings);

        string? Name(JsonElement value, string field)
        {
            var name = Text(value);
            if (name is { Length: 0 } || value.ValueKind == JsonValueKind.Null)
                return null;
            if (name is not null && CredentialHelpers.IsName(name))
                return name;
            warnings.Add($"{origin}: invalid helper name '{UntrustedText.Bound(name, 80)}' in {field}; the entry is ignored.");
            return null;
        }
    }

    private static CredentialKey? Key(JsonProperty property)
    {
        try
        {
            return CredentialKey.Parse(property.Name);
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate (\ud800) is valid JSON, but can't be read as a string.
            return null;
        }
    }

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
