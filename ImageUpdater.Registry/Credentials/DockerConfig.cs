using System.Text;
using System.Text.Json;
using ImageUpdater.Core;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// The credentials in a pull secret or in Docker's own file. Total: a malformed entry is left out with a warning and spoils
/// no other, which the kubelet does worse. Warnings never quote a value.
/// </summary>
internal sealed record DockerConfig(IReadOnlyList<DockerConfigEntry> Entries, IReadOnlyList<string> Warnings)
{
    // A Secret holds at most 1 MiB.
    private const int MaxBytes = 1024 * 1024;

    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 16 };

    public static readonly DockerConfig Empty = new([], []);

    /// <summary>Of the user's own file only: a pull secret must not have programs run.</summary>
    public HelperMap? Helpers { get; init; }

    /// <summary>The body of <c>.dockerconfigjson</c>, and of <c>~/.docker/config.json</c>.</summary>
    public static DockerConfig Parse(ReadOnlyMemory<byte> body, string origin) =>
        Read(body, origin, root => !root.TryGetProperty("auths"u8, out var auths) || auths.ValueKind == JsonValueKind.Null ? null : auths);

    /// <summary>The body of <c>.dockercfg</c>, whose top level is what later became <c>auths</c>.</summary>
    public static DockerConfig ParseLegacy(ReadOnlyMemory<byte> body, string origin) => Read(body, origin, root => root);

    /// <summary>
    /// Docker's file of the user who runs the command, with the names of its credential helpers. A missing file is not a problem.
    /// </summary>
    /// <param name="environment"><c>config.json</c> is in its <c>DOCKER_CONFIG</c>, or in <c>.docker</c> in its <c>HOME</c>.</param>
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
            // Warned of already.
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
        foreach (var property in auths.EnumerateObject())
        {
            var name = NameOf(property);
            var parsed = name is null ? "has a key that is not text" : DockerConfigEntry.Parse(name, property.Value, origin);
            if (!parsed.IsSuccess(out var entry, out var problem))
                warnings.Add($"{origin}: the entry '{UntrustedText.Bound(name)}' {problem}; it is ignored.");
            else if (entry.Credential != DockerConfigEntry.Nothing)
                entries.Add(entry);
        }

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
            // Half a surrogate pair is valid JSON and no string.
            return null;
        }
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
}
