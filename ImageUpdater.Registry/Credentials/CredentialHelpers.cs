using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <summary>What Docker's config.json says of credential helpers.</summary>
/// <param name="ByRegistry"><c>credHelpers</c>: a key that names registries, and the helper's name.</param>
/// <param name="ForAll"><c>credsStore</c>: the helper for all other registries; null where there is none.</param>
internal sealed record HelperMap(IReadOnlyList<(CredentialKey Key, string Helper)> ByRegistry, string? ForAll)
{
    /// <summary>The helper of the registry; null where none is meant.</summary>
    public string? HelperFor(ImageReference image) =>
        ByRegistry.Where(entry => entry.Key.Matches(image)).Select(entry => entry.Helper).FirstOrDefault() ?? ForAll;
}

/// <summary>
/// Docker's credential helpers: <c>docker-credential-NAME get</c> reads a registry name and prints credentials. Only those that a
/// config.json of the user's own machine names are run, never those of a pull secret.
/// </summary>
/// <param name="searchPath">Folders, as PATH has them.</param>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to release.")]
internal sealed class CredentialHelpers(HelperMap map, string? searchPath, TimeProvider time)
{
    private const string Prefix = "docker-credential-";
    private const string NotFound = "credentials not found in native keychain";
    private const int MaxNameLength = 64;

    // Docker's word for: the secret is an identity token.
    private const string IsIdentityToken = "<token>";

    // Helpers say nothing of how long an answer holds: long enough for a cycle, and short for a token.
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly AnswerMemory answers = new(time);

    public TimeSpan Patience { get; init; } = ExternalProgram.DefaultPatience;

    /// <param name="isRefused">A registry did not accept what was found before: what was kept is asked for again.</param>
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

    /// <summary>Letters, digits, dots, hyphens and underscores, so that it can't be a path or an option.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private async Task<DockerConfig> AskAsync(string helper, ImageReference image, CancellationToken cancellationToken)
    {
        var title = $"credential helper {Prefix}{helper}";
        if (Find(Prefix + helper) is not { } path)
            return answers.KeepFailure(image.Registry, $"{title} is not found in PATH; registries are accessed without it.");

        var program = new ExternalProgram(path, ["get"], []) { Patience = Patience };
        var server = image.Registry == ImageReference.DockerHub ? "https://index.docker.io/v1/" : image.Registry;
        var run = await program.RunAsync(server, time, cancellationToken);
        if (!run.IsSuccess(out var result, out var failure))
            return Failed(failure);

        // Helpers print errors to stdout. "No credentials" is not a failure.
        if (result.ExitCode != 0)
            return result.Output.Trim() == NotFound ? answers.Keep(image.Registry, DockerConfig.Empty, KeepFor) : Failed($"exited with code {result.ExitCode}");
        return Read(result.Output) is { } account
            ? answers.Keep(image.Registry, new DockerConfig([new DockerConfigEntry(CredentialKey.Parse(image.Registry)!, account)], []), KeepFor)
            : Failed("returned no credentials");

        DockerConfig Failed(string what) => answers.KeepFailure(image.Registry, $"{title} {what}; {image.Registry} is accessed without it.");

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

    // By hand: the platform would look into the working directory, and beside this program, before it looks into PATH.
    private string? Find(string file) => (searchPath ?? "").Split(Path.PathSeparator)
        .Where(Path.IsPathFullyQualified)
        .SelectMany(folder => OperatingSystem.IsWindows() ? new[] { Path.Combine(folder, file + ".exe") } : [Path.Combine(folder, file)])
        .FirstOrDefault(File.Exists);
}
