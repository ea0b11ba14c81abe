using System.Text;
using System.Text.Json;
using ImageUpdater.Core;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// The credentials in a pull secret or in Docker's config.json. Never throws on malformed input: a malformed entry is ignored with a warning
/// (the kubelet rejects the whole document). Warnings never quote values, which may be secrets.
/// </summary>
internal sealed record DockerConfig(IReadOnlyList<DockerConfigEntry> Entries, IReadOnlyList<string> Warnings)
{
    // A Secret holds at most 1 MiB.
    private const int MaxBytes = 1024 * 1024;
    private const int MaxWarnings = 10;

    // Ten are tried for an image. Entries take several times the memory of their text.
    private const int MaxEntries = 1000;

    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 16 };

    public static readonly DockerConfig Empty = new([], []);

    /// <summary>The namespace of the pull secret; null for credentials of this machine.</summary>
    public string? Owner { get; init; }

    /// <summary>Set for the local config.json only: a pull secret must not be able to run programs.</summary>
    public HelperMap? Helpers { get; init; }

    /// <summary>Parses <c>.dockerconfigjson</c> of a pull secret, or <c>~/.docker/config.json</c>.</summary>
    public static DockerConfig Parse(ReadOnlyMemory<byte> body, string origin) =>
        Read(body, origin, root => !root.TryGetProperty("auths"u8, out var auths) || auths.ValueKind == JsonValueKind.Null ? null : auths);

    /// <summary>Parses <c>.dockercfg</c>, the older format without the enclosing <c>auths</c>.</summary>
    public static DockerConfig ParseLegacy(ReadOnlyMemory<byte> body, string origin) => Read(body, origin, root => root);

    /// <summary>
    /// Loads the local user's Docker config.json with its credential helpers. A missing file gives <see cref="Empty"/>.
    /// </summary>
    /// <param name="environment">The folder is <c>DOCKER_CONFIG</c>, else <c>.docker</c> in <c>HOME</c>.</param>
    public static DockerConfig LoadUserFile(IReadOnlyDictionary<string, string> environment)
    {
        var folder = environment.GetValueOrDefault("DOCKER_CONFIG") is { Length: > 0 } configured
            ? configured
            : Path.Combine(
                environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");
        return LoadUserFile(Path.Combine(folder, "config.json"));
    }

    public static DockerConfig LoadUserFile(string path)
    {
        try
        {
            return File.Exists(path) ? ParseUserFile(File.ReadAllBytes(path), path) : Empty;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Empty with { Warnings = [$"{path} can't be read and is ignored: {UntrustedText.Bound(exception.Message)}"] };
        }
    }

    private static DockerConfig ParseUserFile(ReadOnlyMemory<byte> body, string path)
    {
        var config = Parse(body, path);
        if (body.Length > MaxBytes)
            return config;

        try
        {
            using var document = JsonDocument.Parse(WithoutByteOrderMark(body), Bounds);
            var (helpers, warnings) = HelperReader.Read(document.RootElement, path);
            return config with { Helpers = helpers, Warnings = [.. config.Warnings, .. warnings] };
        }
        catch (JsonException)
        {
            // Parse has already added a warning for it.
            return config;
        }
    }

    private static DockerConfig Read(ReadOnlyMemory<byte> body, string origin, Func<JsonElement, JsonElement?> find)
    {
        if (body.Length > MaxBytes)
            return Empty with { Warnings = [$"{origin} is larger than 1 MiB and is ignored."] };

        try
        {
            using var document = JsonDocument.Parse(WithoutByteOrderMark(body), Bounds);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Empty with { Warnings = [$"{origin} is not a JSON object and is ignored."] };
            if (find(document.RootElement) is not { } auths)
                return Empty;
            return auths.ValueKind == JsonValueKind.Object
                ? Entry(auths, origin)
                : Empty with { Warnings = [$"{origin} has an 'auths' that is not an object, and is ignored."] };
        }
        catch (JsonException)
        {
            return Empty with { Warnings = [$"{origin} is not valid JSON and is ignored."] };
        }
    }

    private static DockerConfig Entry(JsonElement auths, string origin)
    {
        var entries = new List<DockerConfigEntry>();
        var warnings = new List<string>();
        foreach (var property in auths.EnumerateObject().Take(MaxEntries))
        {
            var name = NameOf(property);
            var parsed = name is null ? "has a key that is not a valid string" : DockerConfigEntry.Parse(name, property.Value, origin);
            if (!parsed.IsSuccess(out var entry, out var problem))
                warnings.Add($"{origin}: entry '{UntrustedText.Bound(name)}' {problem}; the entry is ignored.");
            else if (entry.Credential != DockerConfigEntry.Nothing)
                entries.Add(entry);
        }

        if (warnings.Count > MaxWarnings)
            warnings = [.. warnings.Take(MaxWarnings), $"{origin}: {warnings.Count - MaxWarnings} more entries are invalid and ignored."];
        if (auths.GetPropertyCount() > MaxEntries)
            warnings.Add($"{origin} has more than {MaxEntries} entries; the others are ignored.");
        return new DockerConfig(entries, warnings);
    }

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate (\ud800) is valid JSON, but can't be read as a string.
            return null;
        }
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
}
