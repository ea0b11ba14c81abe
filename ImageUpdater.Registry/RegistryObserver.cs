using System.Collections.Concurrent;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Registry.Credentials;

namespace ImageUpdater.Registry;

/// <summary>Checks many images. Registries are checked in parallel, each with its own limit, so that a slow one does not delay others.</summary>
internal sealed class RegistryObserver(RegistryClient client, TimeProvider time)
{
    // Without this limit, every image of an unreachable registry would use up all its attempts and timeouts.
    private const int SilentInARow = 5;

    /// <param name="images">Distinct images with their candidate credentials.</param>
    /// <param name="progress">Receives the number of images checked so far.</param>
    /// <returns>One check per image.</returns>
    public async Task<IReadOnlyDictionary<ImageReference, ImageCheck>> CheckAllAsync(
        IReadOnlyDictionary<ImageReference, IReadOnlyList<RegistryCredential>> images, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var checks = new ConcurrentDictionary<ImageReference, ImageCheck>();
        var done = 0;
        var registries = images.GroupBy(image => image.Key.Registry, StringComparer.OrdinalIgnoreCase);
        await Task.WhenAll(registries.Select(CheckRegistryAsync));
        return checks;

        async Task CheckRegistryAsync(IGrouping<string, KeyValuePair<ImageReference, IReadOnlyList<RegistryCredential>>> registry)
        {
            var silent = 0;
            var bounds = new ParallelOptions
            {
                MaxDegreeOfParallelism = client.OptionsOf(registry.Key).MaxConcurrency,
                CancellationToken = cancellationToken,
            };

            // Random order, so that the same images are not always skipped after the ones that time out.
            var shuffled = registry.ToArray();
            Random.Shared.Shuffle(shuffled);
            await Parallel.ForEachAsync(shuffled, bounds, async (image, cancellationToken) =>
            {
                var check = Volatile.Read(ref silent) >= SilentInARow
                    ? NotAsked(image.Key)
                    : await client.CheckAsync(image.Key, image.Value, cancellationToken);
                checks[image.Key] = check;
                if (IsSilence(check))
                    Interlocked.Increment(ref silent);
                else
                    Interlocked.Exchange(ref silent, 0);
                progress?.Report(Interlocked.Increment(ref done));
            });
        }
    }

    private static bool IsSilence(ImageCheck check) =>
        check is FailedCheck { Failure.Kind: RegistryFailureKind.Unreachable or RegistryFailureKind.TimedOut };

    private FailedCheck NotAsked(ImageReference image) => new(image, time.GetUtcNow(), new RegistryFailure(
        RegistryFailureKind.Unreachable,
        $"{image.Registry} did not answer for {SilentInARow} images in a row; {image.Repository}:{image.Tag} was not requested"));
}
