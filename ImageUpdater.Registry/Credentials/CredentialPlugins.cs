using System.Diagnostics.CodeAnalysis;
using ImageUpdater.Core.Images;

namespace ImageUpdater.Registry.Credentials;

/// <summary>
/// Runs credential plugins and caches their answers for the durations that they return. A plugin never runs twice at the same time, and is
/// not run again for a registry until <see cref="CachedAnswers.AfterFailure"/> after a failure for it.
/// </summary>
internal sealed class CredentialPlugins(IReadOnlyList<CredentialPlugin> plugins, TimeProvider time)
{
    private readonly IReadOnlyList<Asked> all = [.. plugins.Select(plugin => new Asked(plugin, time))];

    /// <summary>One config from each plugin that matches the image.</summary>
    /// <param name="isRefused">A registry rejected the cached credentials, so the plugins are run again.</param>
    public async Task<IReadOnlyList<DockerConfig>> ForAsync(ImageReference image, bool isRefused, CancellationToken cancellationToken)
    {
        var configs = new List<DockerConfig>();
        foreach (var asked in all.Where(asked => asked.Plugin.Matches(image)))
            configs.Add(await asked.ForAsync(image, isRefused, cancellationToken));
        return configs;
    }

    [SuppressMessage("Design", "CA1001", Justification = "SemaphoreSlim allocates nothing to dispose of unless AvailableWaitHandle is used.")]
    private sealed class Asked(CredentialPlugin plugin, TimeProvider time)
    {
        private readonly SemaphoreSlim gate = new(1, 1);
        private readonly CachedAnswers answers = new(time);

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
                    ? answers.Add(answer.Key, answer.Config, answer.Duration)
                    : answers.AddFailure(FailureKey(image), $"{plugin.Title} {failure}; {image.Registry} is accessed without it.");
            }
            finally
            {
                gate.Release();
            }
        }

        // Per registry, so that a failure for one registry does not suppress the plugin for others.
        private static string FailureKey(ImageReference image) => $"failed {image.Registry}";
    }
}
