using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <summary>The credential helpers that Docker's config.json configures.</summary>
/// <param name="ByRegistry"><c>credHelpers</c>: registry key and helper name.</param>
/// <param name="ForAll"><c>credsStore</c>: the helper for all other registries; null if not set.</param>
internal sealed record HelperMap(IReadOnlyList<(CredentialKey Key, string Helper)> ByRegistry, string? ForAll)
{
    /// <summary>The helper for the image's registry; null if none is configured.</summary>
    public string? HelperFor(ImageReference image) =>
        ByRegistry.Where(entry => entry.Key.Matches(image)).Select(entry => entry.Helper).FirstOrDefault() ?? ForAll;
}

/// <summary>
/// Runs Docker's credential helpers: <c>docker-credential-NAME get</c> reads a registry name from stdin and prints credentials. Only helpers
/// named in the local config.json are run. Helpers named in a pull secret are ignored: a namespace user must not be able to run programs here.
/// </summary>
/// <param name="searchPath">Folders in the format of PATH.</param>
[SuppressMessage("Design", "CA1001", Justification = "SemaphoreSlim allocates nothing to dispose of unless AvailableWaitHandle is used.")]
internal sealed class CredentialHelpers(HelperMap map, string? searchPath, TimeProvider time)
{
    private const string Prefix = "docker-credential-";
    private const string NotFound = "credentials not found in native keychain";
    private const int MaxNameLength = 64;

    // Docker's helpers return this as the user name if the secret is an identity token (docker login, "Credential helper protocol").
    private const string IsIdentityToken = "<token>";

    // The helper protocol has no expiry. Long enough for one cycle, shorter than the usual lifetime of a token.
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly CachedAnswers answers = new(time);

    public TimeSpan Patience { get; init; } = ExternalProgram.DefaultPatience;

    /// <param name="isRefused">A registry rejected the cached credentials, so the helper is run again.</param>
    public async Task<DockerConfig> ForAsync(ImageReference image, bool isRefused, CancellationToken cancellationToken)
    {
        if (map.HelperFor(image) is not { } helper)
            return DockerConfig.Empty;

        await gate.WaitAsync(cancellationToken);
        try
        {
            return answers.Find(isRefused, image.Registry) ?? await AskAsync(helper, image, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Letters, digits, dots, hyphens and underscores only: the name becomes part of a file name and must not contain a path.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private async Task<DockerConfig> AskAsync(string helper, ImageReference image, CancellationToken cancellationToken)
    {
        var title = $"credential helper {Prefix}{helper}";
        if (Find(Prefix + helper) is not { } path)
            return answers.AddFailure(image.Registry, $"{title} was not found in PATH; install it or remove it from Docker's config.json.");

        var program = new ExternalProgram(path, ["get"], []) { Patience = Patience };
        var server = image.Registry == ImageReference.DockerHub ? "https://index.docker.io/v1/" : image.Registry;
        var run = await program.RunAsync(server, time, cancellationToken);
        if (!run.IsSuccess(out var result, out var failure))
            return Failed(failure);

        // Helpers print errors to stdout. "No credentials" is not a failure.
        if (result.ExitCode != 0)
            return result.Output.Trim() == NotFound ? answers.Add(image.Registry, DockerConfig.Empty, KeepFor) : Failed($"exited with code {result.ExitCode}");
        return Read(result.Output) is { } account
            ? answers.Add(image.Registry, new DockerConfig([new DockerConfigEntry(CredentialKey.Parse(image.Registry)!, account)], []), KeepFor)
            : Failed("returned no credentials");

        DockerConfig Failed(string what) => answers.AddFailure(image.Registry, $"{title} {what}; {image.Registry} is accessed without it.");

        RegistryCredential? Read(string output)
        {
            try
            {
                var answer = JsonSerializer.Deserialize(output, PluginJson.Default.HelperAnswer);
                return answer is not { Username: { } username, Secret: { Length: > 0 } secret } ? null
                    : username == IsIdentityToken ? new RegistryCredential(title, "", "", secret)
                    : new RegistryCredential(title, username, secret);
            }
            catch (JsonException)
            {
                // The exception's message is left out: it could quote the secret.
                return null;
            }
        }
    }

    // Process.Start would search the working directory and this program's folder before PATH.
    private string? Find(string file) => (searchPath ?? "").Split(Path.PathSeparator)
        .Where(Path.IsPathFullyQualified)
        .SelectMany(folder => OperatingSystem.IsWindows() ? new[] { Path.Combine(folder, file + ".exe") } : [Path.Combine(folder, file)])
        .FirstOrDefault(File.Exists);
}
