using System.Diagnostics.CodeAnalysis;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// The accounts that plugins give, kept as long as these say. A plugin runs once at a time; after a failure it is not asked
/// for that registry for a while.
/// </summary>
internal sealed class CredentialPlugins(IReadOnlyList<CredentialPlugin> plugins, TimeProvider time)
{
    private readonly IReadOnlyList<Asked> all = [.. plugins.Select(plugin => new Asked(plugin, time))];

    /// <summary>One config of each plugin that is for the image.</summary>
    /// <param name="isRefused">A registry did not accept what was found before: what was kept is asked for again.</param>
    public async Task<IReadOnlyList<DockerConfig>> ForAsync(ImageReference image, bool isRefused, CancellationToken cancellationToken)
    {
        var configs = new List<DockerConfig>();
        foreach (var asked in all.Where(asked => asked.Plugin.Matches(image)))
            configs.Add(await asked.ForAsync(image, isRefused, cancellationToken));
        return configs;
    }

    [SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to release.")]
    private sealed class Asked(CredentialPlugin plugin, TimeProvider time)
    {
        private readonly SemaphoreSlim gate = new(1, 1);
        private readonly AnswerMemory answers = new(time);

        public CredentialPlugin Plugin => plugin;

        public async Task<DockerConfig> ForAsync(ImageReference image, bool isRefused, CancellationToken cancellationToken)
        {
            if (plugin.Unusable is { } reason)
                return DockerConfig.Empty with { Warnings = [$"{plugin.Title} is not used: {reason}."] };

            await gate.WaitAsync(cancellationToken);
            try
            {
                if (answers.Find(isRefused, [.. CredentialPlugin.KeysOf(image), FailureKey(image)]) is { } known)
                    return known;
                var asked = await plugin.AskAsync(image, time, cancellationToken);
                return asked.IsSuccess(out var answer, out var failure)
                    ? answers.Keep(answer.Key, answer.Config, answer.Duration)
                    : answers.KeepFailure(FailureKey(image), $"{plugin.Title} {failure}; {image.Registry} is accessed without it.");
            }
            finally
            {
                gate.Release();
            }
        }

        // By registry: that it fails for one must not keep another from being asked for.
        private static string FailureKey(ImageReference image) => $"failed {image.Registry}";
    }
}
