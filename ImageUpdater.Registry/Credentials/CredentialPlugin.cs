using System.Text.Json;
using ImageUpdater.Core;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <param name="Key">Cache key.</param>
/// <param name="Duration">How long the answer may be cached; zero if not at all.</param>
internal sealed record PluginAnswer(DockerConfig Config, string Key, TimeSpan Duration);

/// <summary>A kubelet credential provider: a program that reads an image name from stdin and prints credentials for it.</summary>
/// <param name="ApiVersion">From its configuration, for example <c>credentialprovider.kubelet.k8s.io/v1</c>.</param>
/// <param name="DefaultCacheDuration">Used if a response has no cacheDuration.</param>
/// <param name="Unusable">Why the plugin is never run; null if it is usable.</param>
internal sealed record CredentialPlugin(
    string Name, ExternalProgram Program, string ApiVersion, IReadOnlyList<CredentialKey> MatchImages, TimeSpan DefaultCacheDuration, string? Unusable)
{
    public const string Group = "credentialprovider.kubelet.k8s.io";

    private const string GlobalKey = "global";

    public string Title => $"credential plugin {Name}";

    /// <summary>The cache keys that can hold an answer for the image, the narrowest first.</summary>
    public static string[] KeysOf(ImageReference image) => [NameOf(image), image.Registry, GlobalKey];

    public bool Matches(ImageReference image) => MatchImages.Any(key => key.Matches(image));

    /// <summary>Runs the plugin. A failure is the rest of a message that starts with the plugin's title.</summary>
    public async Task<Result<PluginAnswer, string>> AskAsync(ImageReference image, TimeProvider time, CancellationToken cancellationToken)
    {
        var request = new PluginRequest(ApiVersion, "CredentialProviderRequest", NameOf(image));
        var run = await Program.RunAsync(JsonSerializer.Serialize(request, PluginJson.Default.PluginRequest), time, cancellationToken);
        if (!run.IsSuccess(out var result, out var failure))
            return failure;
        return result.ExitCode == 0 ? Read(result.Output, image) : $"exited with code {result.ExitCode}";
    }

    // The kubelet passes the image without tag and digest.
    private static string NameOf(ImageReference image) => $"{image.Registry}/{image.Repository}";

    /// <summary>Parses the plugin's output. A failure is the rest of a message that starts with the plugin's title.</summary>
    public Result<PluginAnswer, string> Read(string output, ImageReference image)
    {
        PluginResponse? response;
        try
        {
            response = JsonSerializer.Deserialize(output, PluginJson.Default.PluginResponse);
        }
        catch (JsonException)
        {
            // The exception's message is left out: it could quote the password.
            return "did not print a CredentialProviderResponse";
        }

        if (response is not { Kind: "CredentialProviderResponse" })
            return "did not print a CredentialProviderResponse";
        if (response.ApiVersion != ApiVersion)
            return $"returned apiVersion '{UntrustedText.Bound(response.ApiVersion, 80)}', but its configuration sets '{ApiVersion}'";

        var key = response.CacheKeyType switch
        {
            "Image" => NameOf(image),
            "Registry" => image.Registry,
            "Global" => GlobalKey,
            _ => null,
        };
        if (key is null)
            return "returned an invalid cacheKeyType; valid are Image, Registry and Global";

        // A negative duration has already expired.
        var duration = response.CacheDuration switch
        {
            null => DefaultCacheDuration,
            ['-', .. var past] when GoDuration.Parse(past) is not null => TimeSpan.Zero,
            var text => GoDuration.Parse(text),
        };
        if (duration is null)
            return "returned an invalid cacheDuration";
        return new PluginAnswer(Accounts(response), key, duration.Value);
    }

    private DockerConfig Accounts(PluginResponse response)
    {
        var entries = new List<DockerConfigEntry>();
        var unread = 0;
        foreach (var (pattern, account) in response.Auth ?? new Dictionary<string, PluginAccount?>(StringComparer.Ordinal))
        {
            if (CredentialKey.Parse(pattern) is { } key && account is { Username: { } username, Password: { } password })
                entries.Add(new DockerConfigEntry(key, new RegistryCredential(Title, username, password)));
            else
                unread++;
        }

        return new DockerConfig(entries, unread == 0 ? [] : [$"{Title} returned {unread} invalid entries; they are ignored."]);
    }
}
